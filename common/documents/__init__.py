"""Papers as PDF: a page goes in, an A4 file comes out, made by a process of its own that fetches nothing."""
