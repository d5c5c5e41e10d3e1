"""A real JavaScript engine (V8), to compare with."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from py_mini_racer import MiniRacer

_EVALUATOR = """
(cases) => JSON.stringify(JSON.parse(cases).map(([source, names, rows]) => rows.map(row => {
    const evaluate = new Function(...names, "source", "return eval(source)");
    const values = row.map(hex => new Float64Array(new BigUint64Array([BigInt("0x" + hex)]).buffer)[0]);
    try {
        const result = evaluate(...values, source);
        if (typeof result !== "number") return typeof result + " " + String(result);
        if (Number.isNaN(result)) return "NaN";
        return new BigUint64Array(new Float64Array([result]).buffer)[0].toString(16).padStart(16, "0");
    } catch (error) {
        return error.name;
    }
})))
"""


def bits(value: float) -> str:
    """A double's 64 bits in hexadecimal; every NaN alike, as JavaScript cannot tell them apart."""
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    return "NaN" if value != value else struct.pack(">d", value).hex()


@dataclass(frozen=True)
class Case:
    """An expression, its inputs' names, and rows of values for them."""

    source: str
    names: Sequence[str]
    rows: Sequence[Sequence[float]]


class JavaScript:
    """Evaluates expressions as a web page would."""

    def __init__(self, engine: MiniRacer) -> None:
        self._evaluate = engine.eval(_EVALUATOR)

    def results(self, cases: Sequence[Case]) -> list[list[str]]:
        """The bits of each result, or the name of the error, for each row of each case."""
        written = [
            (case.source, case.names, [[bits(value) for value in row] for row in case.rows]) for case in cases
        ]
        results: list[list[str]] = json.loads(self._evaluate(json.dumps(written)))
        return results
