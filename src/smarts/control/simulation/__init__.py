"""Policies tried on shoppers and bags that are made up, beside the published defaults and plain chance.

A policy sees what a real one sees: what was scanned, and what earlier checks found.
"""

from smarts.control.simulation.assumptions import MIXES, USUAL, Assumptions, Ways
from smarts.control.simulation.comparing import AIM, Comparison, Row, Setting, compare
from smarts.control.simulation.goods import Basket, Good, bounded, invented
from smarts.control.simulation.intervals import Interval
from smarts.control.simulation.past import baskets_of
from smarts.control.simulation.recommended import RECOMMENDED
from smarts.control.simulation.season import Extent, Visit, season
from smarts.control.simulation.trips import Trip

__all__ = [
    "AIM",
    "MIXES",
    "RECOMMENDED",
    "USUAL",
    "Assumptions",
    "Basket",
    "Comparison",
    "Extent",
    "Good",
    "Interval",
    "Row",
    "Setting",
    "Trip",
    "Visit",
    "Ways",
    "baskets_of",
    "bounded",
    "compare",
    "invented",
    "season",
]
