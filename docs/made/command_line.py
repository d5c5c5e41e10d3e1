"""The commands, out of what `--help` is made of."""

import re

from smarts.cli.root import app

_OWN_CONTENTS = re.compile(r"## Table of Contents\n.*?(?=\*\*Commands\*\*)", re.DOTALL)


def markdown() -> str:
    """Every command with its parameters; the page's own title stands above, its contents beside."""
    made = app.generate_docs(output_format="markdown", max_heading_level=4)
    return _OWN_CONTENTS.sub("", made).partition("\n")[2].replace("```console", "```text")
