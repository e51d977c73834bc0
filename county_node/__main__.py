"""`python -m county_node VERB …`: the command line of a county node."""

import sys

from common.node.start import start

sys.exit(start("county_node"))
