"""The release before, as it was: its code out of the history, or the statements that were kept of it."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMIT = (Path(__file__).parent / "previous_release.txt").read_text().split()[0]
STATEMENTS = Path(__file__).parent / "previous_statements.json"


def is_at_hand() -> bool:
    """Whether the history is there: a shallow clone has none."""
    return _git("cat-file", "-e", f"{COMMIT}^{{commit}}").returncode == 0


def unpack(folder: Path) -> Path:
    """Unpacks the code of the release before; gives the folder to import from."""
    archive = _git("archive", COMMIT, "src/smarts")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "src"


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
