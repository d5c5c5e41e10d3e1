"""The same targets under atheris, which keeps what reaches new lines of our code and goes on from there."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.mutations import WORDS
from fuzz.running import SECONDS, BugError, Figures
from fuzz.target import Target

_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_REACHED = re.compile(r"cov: (\d+) ft: (\d+)")
_MEMORY = re.compile(r"rss: (\d+)Mb")
_MOST_MEMORY = 2048  # megabytes of a process


def is_there() -> bool:
    """Whether atheris can be had on this machine."""
    return find_spec("atheris") is not None


def run_guided(target: Target, inputs: int, seconds: int, seed: int) -> Figures:
    """Runs a target in a process of its own, which ends at the first input that it stumbles upon.

    Raises:
        BugError: with the end of what the process told.
    """
    with TemporaryDirectory(prefix="smarts-fuzz-") as folder:
        corpus, words = Path(folder) / "corpus", Path(folder) / "words"
        corpus.mkdir()
        for number, data in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(data)
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS if 0 < len(word) < 64))
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.guided", target.name, str(corpus), f"-dict={words}"),
                *(f"-runs={inputs}", f"-max_total_time={seconds}", f"-seed={seed}"),
                *(
                    f"-timeout={int(30 * SECONDS)}",
                    f"-rss_limit_mb={_MOST_MEMORY}",
                    f"-artifact_prefix={folder}/",
                ),
            ],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    return _figures(target, ran.stderr, ran.returncode)


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _figures(target: Target, told: str, code: int) -> Figures:
    done = _DONE.search(told)
    if code or not done:
        raise BugError(f"{target.name}: {told[-4000:]}")
    reached, memory = _REACHED.findall(told), [int(each) for each in _MEMORY.findall(told)]
    grown = memory[-1] - memory[len(memory) // 2] if memory else 0
    found = f"{reached[-1][0]} places" if reached else ""
    return Figures(target.name, int(done[1]), float(done[2]), 0.0, float(grown), found)


def _main() -> None:
    import atheris

    with atheris.instrument_imports(include=["smarts"]):
        from fuzz.running import all_targets

        name, *arguments = sys.argv[1:]
        (target,) = [each for each in all_targets() if each.name == name]
    atheris.Setup([sys.argv[0], *arguments], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    _main()
