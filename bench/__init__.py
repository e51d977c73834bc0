"""Measurements: JSON lines `{"metric": …, "value": …, "unit": …}`. Nothing in the product imports them."""
