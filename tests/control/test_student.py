"""Student's distribution is that of the books."""

import pytest

from smarts.control.student import student


@pytest.mark.parametrize(
    ("freedom", "known"),
    [
        (1, 12.706),
        (2, 4.303),
        (5, 2.571),
        (9, 2.262),
        (10, 2.228),
        (11, 2.201),
        (12, 2.179),
        (15, 2.131),
        (20, 2.086),
        (25, 2.060),
        (30, 2.042),
        (60, 2.000),
        (120, 1.980),
        (10**6, 1.960),
    ],
)
def test_quantiles_are_those_of_the_tables(freedom: int, known: float) -> None:
    """Two-sided, 95 %: as every table of it has them."""
    assert student(freedom) == pytest.approx(known, abs=0.001)


def test_it_falls_with_each_degree_of_freedom() -> None:
    """Also where the table ends and the series begins."""
    values = [student(freedom) for freedom in range(1, 200)]
    assert values == sorted(values, reverse=True)
