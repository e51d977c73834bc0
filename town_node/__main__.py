"""`python -m town_node VERB …`: the command line of a township node."""

import sys

from common.node.start import start

sys.exit(start("town_node"))
