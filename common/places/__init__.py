"""Places of the county: dated division codes and names, and what can be read from them."""
