"""The catalogue of service items: what may be asked for, with which papers, by which route."""
