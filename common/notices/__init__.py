"""Notices: what each step of a case gives the applicant or an office on paper, from the browser or as PDF."""
