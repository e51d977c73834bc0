"""A township hall: its profile and the pages only a township has."""
