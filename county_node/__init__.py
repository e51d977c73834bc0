"""The county centre: its profile and the pages only the county has."""
