"""Tests of common/casework."""
