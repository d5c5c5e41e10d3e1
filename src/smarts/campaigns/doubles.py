"""JavaScript's arithmetic where Python's differs, bit for bit: signed zeros, NaN, infinities, division by zero.

All take and give doubles; none raises.
"""

from math import copysign, fmod, inf, nan
from math import sqrt as _sqrt


def divide(dividend: float, divisor: float) -> float:
    """`dividend / divisor`: Infinity or NaN where Python raises."""
    if divisor:
        return dividend / divisor
    if dividend != dividend or not dividend:
        return nan
    return copysign(inf, dividend) * copysign(1.0, divisor)


def remainder(dividend: float, divisor: float) -> float:
    """`dividend % divisor`: with the sign of the dividend, unlike Python's."""
    if not divisor or dividend - dividend != 0.0:
        return nan
    return fmod(dividend, divisor)


def floor(value: float) -> float:
    """`Math.floor`: Python's gives whole numbers, which have no minus zero and no infinity."""
    return value // 1.0 if value - value == 0.0 else value


def ceil(value: float) -> float:
    """`Math.ceil`."""
    return -(-value // 1.0) if value - value == 0.0 else value


def trunc(value: float) -> float:
    """`Math.trunc`."""
    return copysign(abs(value) // 1.0, value) if value - value == 0.0 else value


def round_half_up(value: float) -> float:
    """`Math.round`: halves go up, also the negative ones, unlike Python's."""
    if value - value != 0.0:
        return value
    below = value // 1.0
    return copysign(below if value - below < 0.5 else below + 1.0, value)


def sign(value: float) -> float:
    """`Math.sign`."""
    return copysign(1.0, value) if value < 0.0 or value > 0.0 else value


def square_root(value: float) -> float:
    """`Math.sqrt`: NaN below zero."""
    return nan if value < 0.0 else _sqrt(value)


def minimum(first: float, second: float) -> float:
    """`Math.min` of two: NaN if one is, minus zero below zero."""
    if first < second:
        return first
    if second < first:
        return second
    return first if first == second != 0.0 else -(-first - second)


def maximum(first: float, second: float) -> float:
    """`Math.max` of two: NaN if one is, zero above minus zero."""
    if first > second:
        return first
    if second > first:
        return second
    return first if first == second != 0.0 else first + second


def strictly_equal(first: float, second: float) -> bool:
    """`first === second`: a boolean is never a number."""
    return type(first) is type(second) and first == second
