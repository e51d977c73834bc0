"""The working days of each year as signed documents: the top publishes them, all below count by them."""
