"""Certificates for the pages: the county's own authority, and one for each site that serves others."""
