"""`python -m county_node VERB …`: the command line of a county node."""

import sys

from county_node.profile import PROFILE
from common.node.cli import main

sys.exit(main(PROFILE))
