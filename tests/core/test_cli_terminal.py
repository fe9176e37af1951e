"""What every command shares: progress, Ctrl-C, exit codes, text and files that come out whole."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from core.cli.json_output import JsonList, json_list
from core.cli.terminal import STOPPING, LineProgress, printable, progress, run, stopping_means
from core.errors import Cancelled, ProjectError, StorageError

BAR = """
from core.cli.terminal import progress
with progress("Encoding") as watched:
    for done in range(0, 101, 10):
        watched.report(done, 100, "[bold]name")
"""


def test_names_of_files_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[31m\nblå\u202e\udcff") == "a\\x1b[31m blå\\u202e\\udcff"


def test_a_json_list_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "list.json"
    with json_list(target) as items:
        assert not target.exists()
        items.append({"keyword": "blå"})
        items.append(2)
    assert json.loads(target.read_text(encoding="utf-8")) == [{"keyword": "blå"}, 2]
    before = target.read_bytes()
    with pytest.raises(ZeroDivisionError), json_list(target) as items:
        items.append(1 / 0)
    assert target.read_bytes() == before
    with json_list(target):
        pass
    assert json.loads(target.read_text(encoding="utf-8")) == []
    assert list(tmp_path.iterdir()) == [target]


def test_a_json_list_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with json_list(Path("-")) as items:
        items.append("æ")
    assert capsys.readouterr().out == '[\n"æ"\n]\n'


def test_a_json_list_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"), json_list(tmp_path / "no" / "x"):
        pytest.fail("the list must not open")
    with pytest.raises(StorageError, match="is a folder"), json_list(tmp_path):
        pytest.fail("the list must not open")
    assert list(tmp_path.iterdir()) == []


def test_a_json_list_of_nothing() -> None:
    stream = io.StringIO()
    JsonList(stream).close()
    assert json.loads(stream.getvalue()) == []


def test_ctrl_c_stops_at_the_next_checkpoint() -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress("Work") as watched:
        watched.checkpoint()
        os.kill(os.getpid(), signal.SIGINT)
        watched.report(1, 2)
        with pytest.raises(Cancelled):
            watched.checkpoint()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_does_not_wait() -> None:
    source = """
import os, signal
from core.cli.terminal import progress
with progress("Work"):
    os.kill(os.getpid(), signal.SIGINT)
    print("still here", flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    print("not here", flush=True)
"""
    result = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (130, "still here\n")
    assert result.stderr.splitlines() == [STOPPING]


def test_a_terminal_sees_a_bar_and_a_log_sees_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as ours_file:
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
        with os.fdopen(theirs, "wb") as terminal:
            subprocess.run(
                [sys.executable, "-c", BAR], stderr=terminal, env=environment, check=True
            )
            shown = os.read(ours_file.fileno(), 100_000).decode()
    assert "Encoding" in shown
    assert "100/100" in shown
    assert "[bold]name" in shown

    monkeypatch.setattr("core.cli.terminal.PLAIN_INTERVAL", 0)
    with progress("Encoding") as watched:
        assert isinstance(watched, LineProgress)
        watched.report(50, 100)
        watched.report(60, 0)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("Encoding: 50 of 100, ")
    assert first.endswith(" s left")
    assert second.startswith("Encoding: 60, ")


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (ProjectError("It is gone.", "Look elsewhere."), 2, "clipkw: It is gone. Look elsewhere."),
        (ProjectError("Two\nlines"), 2, "clipkw: Two lines"),
        (PermissionError(13, "Permission denied", "x.png"), 2, "clipkw: x.png: permission denied."),
        (Cancelled(), 130, "clipkw: stopped. What was finished is kept; the same command goes on"),
        (KeyboardInterrupt(), 130, "clipkw: stopped. "),
        (typer.Exit(2), 2, ""),
        (OSError(5, "Input/output error"), 1, "clipkw: this is a bug, OSError. Its details are in"),
    ],
)
def test_every_end_has_its_exit_code(
    raised: BaseException,
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise raised

    assert run(lambda: app, []) == code
    err = capsys.readouterr().err
    assert err.startswith(line)
    assert err.count("\n") == bool(line)


def test_ctrl_c_before_a_command_has_begun(capsys: pytest.CaptureFixture[str]) -> None:
    def build() -> typer.Typer:
        raise KeyboardInterrupt

    assert run(build, ["encode"]) == 130
    assert capsys.readouterr().err.startswith("clipkw: stopped. ")


def test_stopping_can_say_what_it_means() -> None:
    with pytest.raises(Cancelled, match="go on tomorrow"), stopping_means("go on tomorrow"):
        raise KeyboardInterrupt
