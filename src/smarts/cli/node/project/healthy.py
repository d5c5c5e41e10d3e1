"""Whether the node answers, for the container's health check."""

import os
from urllib.request import Request, urlopen

address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health"
with urlopen(Request(address, headers={"accessToken": os.environ["NODE_TOKEN"]}), timeout=5):
    pass
