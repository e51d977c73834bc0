"""`python -m village_node VERB …`: the command line of a village node."""

import sys

from common.node.start import start

sys.exit(start("village_node"))
