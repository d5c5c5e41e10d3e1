"""What may stand in a store's papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ee import kmkr

from smarts.gateway.stores import rules
from smarts.wire.errors import ProblemError
from smarts.wire.shipments import Address


def refused(error: pytest.ExceptionInfo[ProblemError]) -> str:
    """The path of the field that was refused."""
    (field,) = error.value.problem.errors
    return field.path


@given(st.integers(0, 10**8 - 1), st.sampled_from(("EE{}", "ee {}", "EE-{}", " EE{} ")))
def test_a_vat_number_is_right_in_its_check_digit_however_it_is_spaced(number: int, spelling: str) -> None:
    """Of the ten last digits that an Estonian number could have, exactly the right one is taken, without spaces."""
    taken = []
    for digit in range(10):
        digits = f"{number:08}{digit}"
        try:
            taken.append(rules.vat_number(spelling.format(digits)))
        except ProblemError:
            continue
    assert taken == [f"EE{number:08}{digit}" for digit in range(10) if kmkr.is_valid(f"{number:08}{digit}")]


@pytest.mark.parametrize(
    "text", ["100594102", "EE", "E1234567", "EE100594102; DROP", "ЕЕ100594102", "EE1٣٣٣٣"]
)
def test_what_is_no_vat_number_is_refused_at_its_field(text: str) -> None:
    """It begins with the country's two letters."""
    with pytest.raises(ProblemError) as error:
        rules.vat_number(text)
    assert refused(error) == "$.vatNumber"


def test_of_a_country_outside_the_union_only_the_shape_is_looked_at() -> None:
    """Norway's numbers end in letters."""
    assert rules.vat_number("NO 995 525 828 MVA") == "NO995525828MVA"


@given(st.text(max_size=60))
def test_any_text_is_a_registration_number_or_refused(text: str) -> None:
    """What is taken is what was typed, without spaces around it."""
    try:
        taken = rules.registration_number(text)
    except ProblemError:
        return
    assert taken == text.strip() != ""


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (Address(" "), "$.address.level1"),
        (Address("Eesti", level5="x" * 201), "$.address.level5"),
        (Address("Eesti", postal_code="1" * 21), "$.address.postalCode"),
    ],
)
def test_an_address_has_a_country_and_fits_on_an_invoice(address: Address, path: str) -> None:
    """The field that does not is named."""
    with pytest.raises(ProblemError) as error:
        rules.require_address(address)
    assert refused(error) == path
