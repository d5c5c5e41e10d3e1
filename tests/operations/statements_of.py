"""Prints the SQL in the gateway's code that can be imported: `PYTHONPATH=THE-CODE python statements_of.py`.

A statement is a text that begins like one, whose placeholders stand for constants of its module. Those that are put
together of conditions while the gateway runs are not among them.
"""

import ast
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import smarts.gateway

_BEGINNING = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.ASCII)


def modules() -> Iterator[ModuleType]:
    """All modules of the gateway."""
    for each in pkgutil.walk_packages(smarts.gateway.__path__, "smarts.gateway."):
        yield importlib.import_module(each.name)


def statements(module: ModuleType) -> Iterator[str]:
    """The statements in a module."""
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and _begins_like_one(node.values[0]):
            yield _value(node, module)
        elif _begins_like_one(node):
            yield ast.literal_eval(node)


def _begins_like_one(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_BEGINNING.match(node.value))
    )


def _value(node: ast.JoinedStr, module: ModuleType) -> str:
    try:
        return str(eval(compile(ast.Expression(node), "", "eval"), vars(module)))
    except (NameError, AttributeError):  # a value of the moment
        return ""


if __name__ == "__main__":
    found = {text for module in modules() for text in statements(module)} - {""}
    json.dump(sorted(found), sys.stdout)
