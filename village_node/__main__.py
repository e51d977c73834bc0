"""`python -m village_node VERB …`: the command line of a village node."""

import sys

from village_node.profile import PROFILE
from common.node.cli import main

sys.exit(main(PROFILE))
