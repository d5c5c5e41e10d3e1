"""Barcodes that are drawn can be read again."""

import io
import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from smarts.demo.catalogue.barcodes import check_digit
from smarts.gateway.codes.drawing import LONGEST, drawn
from smarts.gateway.codes.pictures import symbols_in
from smarts.gateway.codes.rules import Format

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
NO_NUMBERS = PRINTABLE.filter(lambda text: not text.isdigit())


def painted(svg: str) -> bytes:
    """The bars of a picture as a browser paints them."""
    width, height = map(int, re.findall(r'<svg width="(\d+)" height="(\d+)"', svg)[0])
    image = Image.new("L", (width, height), "white")
    canvas = ImageDraw.Draw(image)
    for left, wide, high in re.findall(r"M(\d+) 0h(\d+)v(\d+)", svg):
        canvas.rectangle((int(left), 0, int(left) + int(wide) - 1, int(high) - 1), fill="black")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@given(digits=st.from_regex(r"[0-9]{12}|[0-9]{7}", fullmatch=True))
def test_a_number_is_drawn_as_on_goods(digits: str) -> None:
    """EAN-13 and EAN-8 are read as what they are, with the digits below."""
    barcode = digits + check_digit(digits)
    (found,) = symbols_in(painted(drawn(barcode)))
    kind = Format.EAN_13 if len(barcode) == 13 else Format.EAN_8
    assert (found.format, found.text) == (kind, barcode)


@given(text=NO_NUMBERS)
def test_anything_else_is_drawn_too(text: str) -> None:
    """What is no such number is a Code 128. Whoever looks for others too may see a number in its bars by chance."""
    image = Image.open(io.BytesIO(painted(drawn(text))))
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128)
    assert found.text == text


@pytest.mark.parametrize("text", ["", "ä", "\n", "1" * (LONGEST + 1)])
def test_what_no_code_can_say_is_refused(text: str) -> None:
    """Instead of drawing something else."""
    with pytest.raises(ValueError, match="Expected"):
        drawn(text)
