"""Frames that come in: at their place, beside it, two at one place, or from a base on."""
