"""`python -m county_node VERB …`: the command line of a county node."""

import sys

from common.node.cli import main
from county_node.profile import PROFILE

sys.exit(main(PROFILE))
