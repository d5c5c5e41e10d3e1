"""Commands that are loaded when they are run: what one needs, the others neither wait for nor need installed."""

import ast
from importlib.util import find_spec
from pathlib import Path

import cyclopts


def add_command(app: cyclopts.App, path: str, *, name: str | None = None) -> None:
    """Adds a command by its path, such as "smarts.cli.demo:demo"; the function's docstring is its help."""
    app.command(path, name=name, help=_help(path))


def _help(path: str) -> str:
    """The docstring without its parameters, read without loading the module."""
    module, _, function = path.partition(":")
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    for each in ast.parse(Path(spec.origin).read_bytes()).body:
        if isinstance(each, ast.FunctionDef) and each.name == function:
            return (ast.get_docstring(each) or "").partition("\nParameters\n")[0].strip()
    raise LookupError(path)
