"""Measurements. Each prints JSON lines `{"metric": …, "value": …, "unit": …}`; nothing in the product imports it."""
