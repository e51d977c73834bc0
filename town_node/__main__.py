"""`python -m town_node VERB …`: the command line of a town node."""

import sys

from town_node.profile import PROFILE
from common.node.cli import main

sys.exit(main(PROFILE))
