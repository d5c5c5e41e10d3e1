"""What may stand in a store's papers: pure functions that name the field where something makes no sense."""

import re

from msgspec.structs import asdict
from stdnum.eu import vat

from smarts.edge.problems import invalid
from smarts.wire.shipments import Address

_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}", re.ASCII)
_REGISTRATION_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z ./-]{0,48}[0-9A-Z]", re.ASCII | re.IGNORECASE)
_LONGEST_LEVEL = 200
_LONGEST_POSTAL_CODE = 20


def vat_number(text: str) -> str:
    """A VAT number as it is written without spaces; one of the European Union has to be right in its check digits."""
    compact = re.sub(r"[\s.-]", "", text).upper()
    if not _VAT_NUMBER.fullmatch(compact):
        raise invalid("$.vatNumber", "Expected the country's two letters and a number, such as EE100594102")
    if compact[:2].lower() in (*vat.MEMBER_STATES, "el") and not vat.is_valid(compact):
        raise invalid("$.vatNumber", f"Expected a VAT number of {compact[:2]}: this one has a wrong digit")
    return compact


def registration_number(text: str) -> str:
    """A registration number; each country has rules of its own, so only its characters are looked at."""
    if not _REGISTRATION_NUMBER.fullmatch(text.strip()):
        raise invalid("$.registrationNumber", "Expected 2 to 50 letters and digits")
    return text.strip()


def require_address(address: Address) -> None:
    """Refuses an address without a country, or with more in it than fits on an invoice."""
    if not address.level1.strip():
        raise invalid("$.address.level1", "Expected the country")
    for name, text in asdict(address).items():
        longest = _LONGEST_POSTAL_CODE if name == "postal_code" else _LONGEST_LEVEL
        if text is not None and len(text) > longest:
            path = "postalCode" if name == "postal_code" else name
            raise invalid(f"$.address.{path}", f"Expected at most {longest} characters")
