"""Pictures sent to the shop's endpoint."""

from zxingcpp import BarcodeFormat

from gateway.codes.drawn import beside, code_image, code_picture, encoded
from gateway.journeys.world import World, product

CHEESE = "4740000000056"
PNG = {"Content-Type": "image/png"}


async def test_a_picture_of_goods_is_scanned(world: World) -> None:
    """What a picture shows is answered in a form that the next request scans with."""
    world.merchant.add(product(CHEESE, "Juust", "3.99"))
    shopper = await world.shopper()
    reply = await shopper.post("/shop/v1/codes", code_picture(CHEESE, BarcodeFormat.EAN13), **PNG)
    assert reply.body == {"codes": [{"format": "EAN_13", "text": CHEESE, "barcode": CHEESE}]}
    cart = await shopper.cart(world.institution_id, reply.body["codes"][0]["barcode"])
    assert cart["lines"][0]["product"]["barcode"] == CHEESE


async def test_labels_and_doors(world: World) -> None:
    """A label's weight and a door's store are told, each with the code that says so."""
    shopper = await world.shopper()
    label = "https://id.example.org/01/04740000000056?3103=000195"
    door = f"https://smarts.example/shop?store={world.institution_id}"
    picture = encoded(beside(*(code_image(text, BarcodeFormat.QRCode, scale=6) for text in (label, door))))
    codes = (await shopper.post("/shop/v1/codes", picture, **PNG)).body["codes"]
    assert sorted(codes, key=len) == [
        {"format": "QR_CODE", "text": door, "institutionId": world.institution_id},
        {"format": "QR_CODE", "text": label, "barcode": CHEESE, "quantity": 0.195},
    ]


async def test_what_is_refused(world: World) -> None:
    """Only shoppers send pictures, and only pictures of the kinds that are read."""
    shopper, staff = await world.shopper(), world.as_store()
    picture = code_picture(CHEESE, BarcodeFormat.EAN13)
    replies = [
        await staff.post("/shop/v1/codes", picture, **PNG),
        await shopper.post("/shop/v1/codes", picture),
        await shopper.post("/shop/v1/codes", b"\0" * (2 * 1024 * 1024 + 1), **PNG),
        await shopper.post("/shop/v1/codes", b"no picture", **PNG),
    ]
    assert [reply.status for reply in replies] == [401, 415, 413, 422]
    assert replies[3].body["errors"][0]["path"] == "body"
