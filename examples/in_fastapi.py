"""The corner shop's node in a FastAPI application, below /smarts: `uvicorn in_fastapi:app --app-dir examples`."""

from corner_shop import PRODUCTS, TOKEN, CornerShop
from fastapi import FastAPI

from smarts.node import Node

app = FastAPI()
app.mount("/smarts", Node(CornerShop(), token=TOKEN, name="Corner shop", version="1.0"))


@app.get("/stock")
async def stock() -> dict[str, int]:
    return {"products": len(PRODUCTS)}
