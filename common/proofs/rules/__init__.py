"""Rules of proofs: how a claim is packed, written as text, and what it has to say."""
