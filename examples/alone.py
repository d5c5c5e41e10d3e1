"""The corner shop's node on its own: `python examples/alone.py`, or `uvicorn alone:node --app-dir examples`."""

from corner_shop import TOKEN, CornerShop

from smarts.node import Node

node = Node(CornerShop(), token=TOKEN, name="Corner shop", version="1.0")

if __name__ == "__main__":
    node.run(port=8000)
