"""A village service room: its profile and the pages only a village has."""
