"""Who may do what, what a password must be, when signing in is paused, how long a session lasts. Pure."""
