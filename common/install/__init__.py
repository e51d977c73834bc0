"""Sets up a real node on a machine: what is there is looked at, a plan follows from it, and is carried out.

It runs before the environment exists, so nothing here imports more than the standard library.
"""
