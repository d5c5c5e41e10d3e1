"""Has catalogues built by a process of its own, so that shoppers' requests need not wait for one."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event
from typing import Any

from smarts.ready.catalogue.process import prepare
from smarts.ready.sources import SourceError

_LOOK = 0.5  # seconds between looks whether it shall stop


class BuildError(Exception):
    """The building process ended without an answer, such as for want of memory."""


class Stopped(Exception):  # noqa: N818 - it is no error
    """The catalogue was closed meanwhile."""


class Builder:
    """Runs functions in processes of their own, one at a time."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._context = get_context("spawn")

    def run(self, function: Callable[..., Any], *arguments: object, quietly: bool) -> Any:
        """What the function gives; `quietly` lets those who answer shoppers go first.

        Raises:
            SourceError: the function did.
            BuildError: it failed otherwise, or its process died.
            Stopped: the catalogue is being closed.
        """
        mine, other = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_run, args=(other, function, arguments, quietly))
        process.start()
        other.close()
        try:
            return self._answer(mine, process)
        finally:
            process.terminate()
            process.join()
            mine.close()

    def _answer(self, mine: Connection, process: BaseProcess) -> Any:
        while not mine.poll(_LOOK):
            if self._stop.is_set():
                raise Stopped
        try:
            is_well, answer = mine.recv()
        except EOFError:
            process.join()
            raise BuildError(
                f"the process that reads it ended ({process.exitcode}), perhaps for want of memory"
            ) from None
        if is_well:
            return answer
        raise answer


def _run(
    answers: Connection, function: Callable[..., Any], arguments: tuple[object, ...], quietly: bool
) -> None:
    prepare(quietly=quietly)
    try:
        answers.send((True, function(*arguments)))
    except SourceError as error:
        answers.send((False, SourceError(str(error))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the catalogue of before is kept
        answers.send((False, BuildError(f"{type(error).__name__}: {error}")))
