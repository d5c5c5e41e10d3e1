"""Student's distribution: how many standard errors to each side hold a mean in 95 of 100 samples."""

from statistics import NormalDist

_OF_FEW = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
_NORMAL = NormalDist().inv_cdf(0.975)


def student(freedom: int) -> float:
    """The factor for so many degrees of freedom, at least one, right to a thousandth.

    Of up to nine it is the tables' value; of more, the first terms of the expansion around the normal distribution
    (Abramowitz and Stegun, 26.7.5).
    """
    if freedom <= len(_OF_FEW):
        return _OF_FEW[freedom - 1]
    z = _NORMAL
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
