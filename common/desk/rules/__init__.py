"""What the pages of the desk go by: whose work it is, which light it shows, what a form asks."""
