"""Proves the node: serves it on a free port, and has `smarts node check` ask it all that the contract says."""

import logging
import os
import subprocess
import sys
import tempfile

import structlog

os.environ["BOOKS"] = f"{tempfile.mkdtemp()}/books.sqlite3"  # only: invoices, receipts, orders

from club import BONUS  # only: loyalty-cards, loyalty-bonus
from store import node

command = [sys.executable, "-m", "smarts.cli", "node", "check", *sys.argv[1:]]
command += ["--card", next(iter(BONUS))]  # only: loyalty-cards, loyalty-bonus
command += [f"--signing-secret={each}" for each in os.environ.get("NODE_SIGNING_SECRETS", "").split()]
environment = {**os.environ, "SMARTS_NODE_TOKEN": os.environ["NODE_TOKEN"]}

# The report is what is to be read, beside what goes wrong.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
with node.serving() as address:
    sys.exit(subprocess.call([*command, address], env=environment))
