"""Proves the node: serves it on a free port, and has `smarts node check` ask it all that the contract says."""

import os
import subprocess
import sys

from club import BONUS  # only: loyalty-cards, loyalty-bonus
from store import node

command = [sys.executable, "-m", "smarts.cli", "node", "check", *sys.argv[1:]]
command += ["--card", next(iter(BONUS))]  # only: loyalty-cards, loyalty-bonus
environment = {**os.environ, "SMARTS_NODE_TOKEN": os.environ["NODE_TOKEN"]}

with node.serving() as address:
    sys.exit(subprocess.call([*command, address], env=environment))
