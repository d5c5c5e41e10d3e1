"""The settings of a ready node: the example that has all of them, as it is shipped."""

from importlib.resources import files


def markdown() -> str:
    """The file, whole."""
    example = files("smarts.ready").joinpath("example.toml").read_text("utf-8")
    return f"```toml\n{example.rstrip()}\n```"
