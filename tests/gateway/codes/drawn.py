"""Pictures with codes in them, drawn for the tests."""

import io
from typing import Any

import zxingcpp
from PIL import Image
from zxingcpp import BarcodeFormat

WHITE = 255


def code_image(text: str, format: BarcodeFormat, scale: int = 3, **more: Any) -> Image.Image:  # noqa: A002
    """A picture that shows one code and nothing else."""
    drawn = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, format, **more), scale=scale)
    height, width = drawn.shape
    return Image.frombytes("L", (width, height), bytes(memoryview(drawn)))


def beside(*images: Image.Image) -> Image.Image:
    """The pictures in a row."""
    whole = Image.new(
        "L", (sum(each.width + 40 for each in images), max(each.height for each in images) + 80), WHITE
    )
    left = 20
    for each in images:
        whole.paste(each, (left, 40))
        left += each.width + 40
    return whole


def encoded(image: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    """The picture's file."""
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def code_picture(text: str, format: BarcodeFormat, kind: str = "PNG", **more: Any) -> bytes:  # noqa: A002
    """The file of a picture that shows one code."""
    return encoded(code_image(text, format, **more), kind)
