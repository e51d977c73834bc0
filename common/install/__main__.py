"""Entry for `deploy.sh install`."""

from __future__ import annotations

import sys
from pathlib import Path

from common.arguments import while_read
from common.install.command import main

if __name__ == "__main__":
    sys.exit(while_read(lambda: main(sys.argv[1:], Path(__file__).resolve().parents[2])))
