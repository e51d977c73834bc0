"""`python -m village_node VERB …`: the command line of a village node."""

import sys

from common.node.cli import main
from village_node.profile import PROFILE

sys.exit(main(PROFILE))
