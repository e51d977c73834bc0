"""`python -m town_node VERB …`: the command line of a town node."""

import sys

from common.node.cli import main
from town_node.profile import PROFILE

sys.exit(main(PROFILE))
