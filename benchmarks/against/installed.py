"""What is compared with Smarts: installed once, into folders of its own under `build/against`."""

import json
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from rich.console import Console

RIVALS = Path(__file__).parent / "rivals"
_FOLDER = Path(__file__).parents[2] / "build" / "against"
_console = Console()


class NotInstalledError(RuntimeError):
    """What is compared with Smarts is not there and cannot be installed; the text says what is needed."""


def interpreter() -> Path:
    """The Python that has the rivals' packages."""
    folder, wanted = _FOLDER / "python", RIVALS / "requirements.txt"
    if _changed(folder, wanted):
        _console.print("Installing what is compared with Smarts: Python's (once)")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        python = folder / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", wanted], check=True)
        _remember(folder, wanted)
    return folder / "bin" / "python"


def version(package: str) -> str:
    """Which version of one of those packages is there."""
    found = distributions(path=[str(next((_FOLDER / "python" / "lib").iterdir()) / "site-packages")])
    return next(each.version for each in found if each.name.lower() == package)


def programs(name: str) -> Path:
    """The folder of a rival in JavaScript, with its packages beside it."""
    source, folder = RIVALS / name, _FOLDER / name
    shutil.copytree(source, folder, dirs_exist_ok=True)
    wanted = source / "package.json"
    if _changed(folder, wanted):
        if not shutil.which("npm"):
            raise NotInstalledError(f"{name} needs Node.js: Debian's packages nodejs and npm")
        _console.print(f"Installing what is compared with Smarts: {name} (once, some minutes)")
        # None of what is needed at run time is made by a package's own script; some of those report who installs.
        command = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        subprocess.run([*command, "--loglevel=error"], cwd=folder, check=True)
        _remember(folder, wanted)
    return folder


def package_version(folder: Path, package: str) -> str:
    """Which version of a package is in such a folder."""
    return str(json.loads((folder / "node_modules" / package / "package.json").read_text())["version"])


def _changed(folder: Path, wanted: Path) -> bool:
    made_of = folder / "made_of"
    return not made_of.exists() or made_of.read_text() != wanted.read_text()


def _remember(folder: Path, wanted: Path) -> None:
    (folder / "made_of").write_text(wanted.read_text())
