"""The corner shop's node in a Starlette application, below /smarts: `uvicorn in_starlette:app --app-dir examples`."""

from corner_shop import PRODUCTS, TOKEN, CornerShop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from smarts.node import Node


async def stock(request: Request) -> JSONResponse:
    return JSONResponse({"products": len(PRODUCTS)})


node = Node(CornerShop(), token=TOKEN, name="Corner shop", version="1.0")
app = Starlette(routes=[Route("/stock", stock), Mount("/smarts", node)])
