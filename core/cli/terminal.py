"""What every command shares at the terminal: text that is safe, progress, Ctrl-C, exit codes."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from types import FrameType

import platformdirs
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from core.encoders.memory import shortage_of
from core.errors import Cancelled, ClipkwError

PLAIN_INTERVAL = 10.0
"""Seconds between two lines of progress where standard error is not a terminal."""
RESUME = "What was finished is kept; the same command goes on from there."
STOPPING = "Stopping as soon as what is under way is safe; Ctrl-C again does not wait."
STORAGE_FAILURES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
}


class ExitCode(IntEnum):
    """What a command tells the shell."""

    SUCCESS = 0
    BUG = 1
    MISTAKE = 2
    INTERRUPTED = 130


def printable(text: str) -> str:
    """``text`` on one line, without what could steer the terminal (names of files can)."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else ascii(char)[1:-1]
        for char in text
    )


def say(text: str) -> None:
    """Print one line of a result on standard output."""
    sys.stdout.write(f"{printable(text)}\n")


def tell(text: str) -> None:
    """Print one line about the work on standard error, where it never mixes with a result."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


class Interruption:
    """Turns the first Ctrl-C into a request that work meets at its next checkpoint."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._requested = False

    def handle(self, _signal: int, _frame: FrameType | None) -> None:
        """A second Ctrl-C does not wait: what is on disk survives a kill at any moment."""
        if self._requested:
            self._console.show_cursor()
            os._exit(ExitCode.INTERRUPTED)
        self._requested = True
        self._console.print(STOPPING, highlight=False, soft_wrap=True)

    def checkpoint(self) -> None:
        """Raise :class:`Cancelled` after a Ctrl-C."""
        if self._requested:
            raise Cancelled


class RateColumn(ProgressColumn):
    """Units per second."""

    def render(self, task: Task) -> Text:
        """The rate of late, empty while it is unknown."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


class BarProgress:
    """A :class:`core.progress.Progress` drawn as a bar on a terminal."""

    def __init__(self, bar: Progress, title: str, interruption: Interruption) -> None:
        self._bar = bar
        self._interruption = interruption
        self._task = bar.add_task(title, total=None, note="")

    def report(self, done: int, total: int, note: str = "") -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, total=total or None, note=printable(note))

    def checkpoint(self) -> None:
        """Raise :class:`Cancelled` after a Ctrl-C."""
        self._interruption.checkpoint()


class LineProgress:
    """A :class:`core.progress.Progress` that prints a line now and then, for logs."""

    def __init__(self, title: str, interruption: Interruption) -> None:
        self._title = title
        self._interruption = interruption
        self._start = self._last = time.monotonic()

    def report(self, done: int, total: int, note: str = "") -> None:  # noqa: ARG002
        """Print a line when the last one is long ago."""
        now = time.monotonic()
        if now - self._last < PLAIN_INTERVAL:
            return
        self._last = now
        rate = done / (now - self._start)
        left = f", {(total - done) / rate:.0f} s left" if total and rate else ""
        tell(f"{self._title}: {done}{f' of {total}' if total else ''}, {rate:.0f}/s{left}")

    def checkpoint(self) -> None:
        """Raise :class:`Cancelled` after a Ctrl-C."""
        self._interruption.checkpoint()


@contextmanager
def progress(title: str) -> Iterator[BarProgress | LineProgress]:
    """Show the progress of one piece of work, which Ctrl-C asks to stop meanwhile."""
    console = Console(stderr=True)
    interruption = Interruption(console)
    previous = signal.signal(signal.SIGINT, interruption.handle)
    try:
        if not console.is_terminal:
            yield LineProgress(title, interruption)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            yield BarProgress(bar, title, interruption)
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def stopping_means(remedy: str) -> Iterator[None]:
    """Say ``remedy`` when the work inside is stopped by Ctrl-C."""
    try:
        yield
    except (Cancelled, KeyboardInterrupt) as stop:
        raise Cancelled(remedy) from stop


def run(build: Callable[[], typer.Typer], arguments: Sequence[str]) -> ExitCode:
    """Build the commands and run one; every way it can end becomes an exit code and one line."""
    try:
        code = build()(args=arguments, prog_name="clipkw", standalone_mode=False)
        if code == ExitCode.INTERRUPTED:  # what Typer makes of a KeyboardInterrupt
            raise Cancelled
    except ClipkwError as error:
        tell(f"clipkw: {error}")
        return ExitCode.MISTAKE
    except typer.TyperException as error:
        tell(f"clipkw: {error.format_message().rstrip('.')}. See: clipkw --help")
        return ExitCode.MISTAKE
    except (Cancelled, KeyboardInterrupt) as stop:
        tell(f"clipkw: stopped. {str(stop) or RESUME}")
        return ExitCode.INTERRUPTED
    except OSError as error:
        if error.errno not in STORAGE_FAILURES:
            return _report_shortage_or_bug(error, arguments)
        tell(f"clipkw: {error.filename or 'A file'}: {STORAGE_FAILURES[error.errno]}.")
        return ExitCode.MISTAKE
    except Exception as error:
        return _report_shortage_or_bug(error, arguments)
    return ExitCode(code) if isinstance(code, int) else ExitCode.SUCCESS


def _report_shortage_or_bug(error: Exception, arguments: Sequence[str]) -> ExitCode:
    shortage = shortage_of(error, arguments[0] if arguments else "clipkw")
    if shortage is None:
        return _report_bug(error)
    tell(f"clipkw: {shortage}")
    return ExitCode.MISTAKE


def _report_bug(error: BaseException) -> ExitCode:
    report = "".join(traceback.format_exception(error))
    try:
        log = Path(platformdirs.user_log_path("clipkw", ensure_exists=True)) / "clipkw.log"
        with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{datetime.now().astimezone().isoformat()}\n{report}\n")
    except OSError:
        sys.stderr.write(report)
        return ExitCode.BUG
    tell(f"clipkw: this is a bug, {type(error).__name__}. Its details are in {log}")
    return ExitCode.BUG
