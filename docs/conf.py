"""How the site is made of these pages: `make docs`."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "Smarts"
project_copyright = "the Smarts contributors, Apache-2.0"
version = release = installed_version("smarts")

extensions = ["myst_parser", "made"]
root_doc = "index"
source_suffix = {".md": "markdown"}
exclude_patterns = ["made"]

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block"]
nitpicky = True
# The lexer of consoles stumbles over quotes that go on in the next line, and then colours them all the same.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "Smarts"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "monokai"
