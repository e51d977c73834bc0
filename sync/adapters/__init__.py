"""What joins the protocol to disks, lines and sticks: spools, HTTP, bundle files, blob files, the runner."""
