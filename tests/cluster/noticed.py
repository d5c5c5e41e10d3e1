"""What shoppers noticed between two moments, out of what they wrote down."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from crash.notebook import Notebook, Seen


@dataclass(frozen=True)
class Noticed:
    """By all shoppers together."""

    requests: int
    longest_without: float
    """The longest time in which no change of anybody's was acknowledged, in seconds."""
    asked_again: int
    """Requests that had to be sent more than once."""
    most_tries: int
    longest_wait: float
    """From the first answer that was none, or said to ask again, to the one that counted, in seconds."""
    refused: Counter[str]
    """Answers that were none, or said to ask again, by what they were."""


def noticed(notebook: Notebook, begin: float, end: float) -> Noticed:
    """Between two moments."""
    seen = [
        each
        for purchase in notebook.purchases
        for each in purchase.seen
        if begin <= each.at <= end and each.key
    ]
    again = [tries for tries in _by_request(seen) if tries[0].may_help_to_repeat]
    return Noticed(
        requests=len(seen),
        longest_without=_longest_without(seen, begin, end),
        asked_again=len(again),
        most_tries=max(map(len, again), default=1),
        longest_wait=max((tries[-1].at - tries[0].at for tries in again), default=0.0),
        refused=Counter(_told(each) for each in seen if each.may_help_to_repeat),
    )


def _told(seen: Seen) -> str:
    return f"{seen.status} {seen.problem}".strip() if seen.status else "no answer"


def _longest_without(seen: Iterable[Seen], begin: float, end: float) -> float:
    done = sorted(each.at for each in seen if 200 <= each.status < 300)
    return max(later - earlier for earlier, later in pairwise([begin, *done, end]))


def _by_request(seen: Iterable[Seen]) -> Iterator[list[Seen]]:
    """Each up to the answer that counts; whoever asks once more out of doubt has not had to."""
    by_key: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        tries = by_key[each.key or ""]
        if not tries or tries[-1].may_help_to_repeat:
            tries.append(each)
    yield from by_key.values()
