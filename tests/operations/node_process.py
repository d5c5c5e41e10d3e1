"""A merchant's node as a process: `python -m operations.node_process PORT`."""

import sys

from gateway.journeys.world import NODE_TOKEN, Merchant
from smarts.node import Node

if __name__ == "__main__":
    Node(Merchant(), token=NODE_TOKEN, name="tests", version="1").run(port=sys.argv[1])
