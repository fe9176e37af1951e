"""Processes that look at small files find what threads find, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pictures import encoded, jpeg, noise, orientation

from core.errors import Cancelled
from core.images import scan as scan_module
from core.images.lookers import Lookers
from core.images.plain_file import look_at
from core.images.scan import scan
from core.images.walk import walk
from core.progress import Silent
from core.types import FileRecord, Problem

LIMIT = 48 * 32
OWNER = """
import sys, time
from core.images.lookers import Lookers
with Lookers(2) as lookers:
    print(*(looker._process.pid for looker in lookers._all), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Plain files, and all that only a decoder can judge."""
    for number in range(9):
        (tmp_path / f"plain {number} æ.jpg").write_bytes(jpeg(number))
    (tmp_path / "turned.jpg").write_bytes(jpeg(exif=orientation(6)))
    (tmp_path / "other.png").write_bytes(encoded(noise(20, 12), "PNG"))
    (tmp_path / "large.jpg").write_bytes(encoded(noise(60, 40), "JPEG"))
    (tmp_path / "cut off.jpg").write_bytes(jpeg()[:-40])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "last.jpg").write_bytes(jpeg())
    return tmp_path


def found(archive: Path) -> list[FileRecord | Problem]:
    batches = list(scan(archive, walk(archive, Silent()), {}, LIMIT, Silent()))
    return [one for batch in batches for one in (*batch.found, *batch.unreadable)]


@pytest.fixture
def with_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_MANY_SMALL", 1)
    monkeypatch.setattr(scan_module, "_CHUNK_FILES", 2)


@pytest.mark.usefixtures("with_processes")
def test_they_find_what_threads_find(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_help = found(archive)
    monkeypatch.setattr(scan_module, "_MANY_SMALL", 1_000)
    assert with_help == found(archive)
    assert sum(isinstance(one, Problem) for one in with_help) == 3


def test_only_plain_files_are_known_at_a_look(archive: Path) -> None:
    known = {path.name for path in archive.iterdir() if look_at(str(path)) is not None}
    plain = {f"plain {number} æ.jpg" for number in range(9)}
    assert known == plain | {"large.jpg", "last.jpg"}
    assert look_at(str(archive / "gone.jpg")) is None
    assert look_at(str(archive)) is None


@pytest.mark.usefixtures("with_processes")
def test_a_process_that_dies_takes_nothing_with_it(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(archive)
    start = Lookers.__init__

    def start_and_die(lookers: Lookers, count: int) -> None:
        start(lookers, count)
        for looker in lookers._all:
            looker._process.kill()

    monkeypatch.setattr(Lookers, "__init__", start_and_die)
    assert found(archive) == whole


@pytest.mark.usefixtures("with_processes")
def test_where_no_process_may_start_threads_do_it(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(archive)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert found(archive) == whole


@pytest.mark.usefixtures("with_processes")
def test_cancelling_ends_the_processes(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    with pytest.raises(Cancelled):
        list(scan(archive, walk(archive, Silent()), {}, LIMIT, Impatient()))
    assert started
    assert all(process.returncode == 0 for process in started)


@pytest.mark.skipif(sys.platform == "win32", reason="asks whether a process is there by a signal")
def test_they_end_when_the_program_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        processes = [int(number) for number in owner.stdout.readline().split()]
        assert all(is_there(process) for process in processes)
        owner.send_signal(signal.SIGKILL)
    assert len(processes) == 2
    until = time.monotonic() + 20
    while any(is_there(process) for process in processes):
        assert time.monotonic() < until, "they are still there"
        time.sleep(0.02)


def is_there(process: int) -> bool:
    """Whether it runs; one that has ended may wait for whoever asks how."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
