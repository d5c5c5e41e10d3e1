"""The campaign standard's codes, out of the enumerations that read them."""

from made.markdown import table
from smarts.campaigns.code import Client, Kind


def markdown(part: str) -> str:
    """The letters of a code that say for whom it is, or its kinds."""
    return {"clients": _clients, "kinds": _kinds}[part]()


def _clients() -> str:
    return table(("letter", "for"), ((f"`{each}`", each.name.lower()) for each in Client))


def _kinds() -> str:
    heads = ("kind", "comes with", "its operation may use", "and says the new", "turn")
    return table(heads, (_kind(each) for each in Kind))


def _kind(kind: Kind) -> tuple[str, ...]:
    owner = "the product" if kind.is_product_based else "the store (with a product: its row alone)"
    inputs = ", ".join(f"`{name}`" for name in kind.inputs)
    return f"`{kind}`", owner, inputs, f"`{kind.inputs[-1]}`", str(kind.turn)
