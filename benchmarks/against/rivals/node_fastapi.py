"""Two endpoints of a node in FastAPI. Run by the rivals' own interpreter: `uvicorn node_fastapi:app`."""

import hmac
import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter
from pydantic.alias_generators import to_camel

TOKEN = os.environ["NODE_TOKEN"]
# The contract has numbers in JSON, where pydantic would write text.
Number = Annotated[Decimal, PlainSerializer(float, when_used="json")]


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class CategoryOfLine(Model):
    id: str
    name: str


class Line(Model):
    id: str
    barcode: str
    product_name: str
    amount: Decimal
    row_price: Decimal
    categories: tuple[CategoryOfLine, ...] = ()


class Card(Model):
    id: str
    card_number: str
    use_bonus_on_payment: bool = False


class Check(Model):
    invoice_id: str
    lang_code: str
    person_id: str
    institution_id: str
    products: tuple[Line, ...]
    loyalty_cards: tuple[Card, ...] = ()


class Decision(Model):
    decision: str


class Search(Model):
    type: str = "SELF_SERVICE"
    name: str
    lang_code: str | None = None
    person_id: str | None = None
    institution_id: str | None = None
    loyalty_cards: tuple[Card, ...] = ()


class Translatable(Model):
    original_text: str
    translations: tuple[dict[str, str], ...] = ()


class Vat(Model):
    sum_without_vat: Number = Field(alias="sumWithoutVAT")
    vat_sum: Number = Field(alias="VATSum")
    sum_with_vat: Number = Field(alias="sumWithVAT")
    vat_rate: Number = Field(alias="VATRate")


class Price(Model):
    vat: Vat
    total: Number


class Quantity(Model):
    unit: str
    value: Number


class Information(Model):
    image_url: str


class Campaign(Model):
    name: str
    code: str
    operation: str


class Category(Model):
    id: str
    translatable_name: Translatable
    parent_id: str | None = None


class Product(Model):
    id: str
    barcode: str
    translatable_name: Translatable
    price: Price
    type: str
    translatable_description: Translatable
    quantity: Quantity
    weight_item: bool
    information: Information
    inspections: tuple[Any, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    categories: tuple[Category, ...] = ()


PRODUCTS = TypeAdapter(dict[str, list[Product]]).validate_json(Path(os.environ["NODE_PRODUCTS"]).read_bytes())


async def from_gateway(accesstoken: Annotated[str, Header()]) -> None:
    if not hmac.compare_digest(accesstoken, TOKEN):
        raise HTTPException(401)


app = FastAPI(dependencies=[Depends(from_gateway)])


@app.post("/control/check")
async def check(request: Check) -> Decision:
    return Decision(decision="FULL" if len(request.products) > 100 else "NO")


@app.post("/product/search/name")
async def by_name(request: Search) -> list[Product]:
    return PRODUCTS.get(request.name, [])
