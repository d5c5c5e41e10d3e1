"""Drawing a barcode, so that a phone can scan it from a screen."""

import zxingcpp
from stdnum import ean
from zxingcpp import BarcodeFormat

LONGEST = 40  # characters; a longer one would be too wide for any screen
_MODULE = 2  # pixels of the thinnest bar: more than half a millimetre on most screens
_EAN = {13: BarcodeFormat.EAN13, 8: BarcodeFormat.EAN8}


def drawn(barcode: str) -> str:
    """The barcode as an SVG picture, black on white with the quiet zone that scanners need, its digits below.

    An EAN-13 or EAN-8 is drawn as such, everything else as Code 128.

    Raises:
        ValueError: nothing can be drawn of this.
    """
    if not (0 < len(barcode) <= LONGEST and barcode.isascii() and barcode.isprintable()):
        raise ValueError(f"Expected 1 to {LONGEST} printable ASCII characters")
    symbology = _EAN.get(len(barcode)) if ean.is_valid(barcode) else None
    made = zxingcpp.create_barcode(barcode, symbology or BarcodeFormat.Code128)
    return zxingcpp.write_barcode_to_svg(made, scale=_MODULE, add_hrt=True)
