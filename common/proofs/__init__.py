"""Proofs on paper: the signed claim in the QR code of a slip or notice, checked without a line."""
