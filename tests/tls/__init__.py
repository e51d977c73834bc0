"""Certificates for the pages."""
