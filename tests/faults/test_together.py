"""Two windows and a command on one project, and files that change underneath."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from fault_bench import COUNT

from core.catalog import overview, sqlite
from core.catalog.history import History
from core.catalog.images import known_files
from core.cli import main
from core.errors import ClipkwError, StorageError
from core.features import FeatureFile
from core.progress import Silent
from core.settings import ProjectSettings
from core.types import ImageId, ImageState
from core.workflows import backups, browse, encode, label, recovery
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images
from core.workflows.project import CATALOG_FILE, Project, open_project

ROOT = Path(__file__).resolve().parents[2]
DECIDES = """
import sys
from pathlib import Path
from core.types import ImageId
from core.workflows import label
from core.workflows.project import open_project

with open_project(Path(sys.argv[1])) as project:
    for number in range(40):
        label.add_keyword(project, [ImageId(number % 24 + 1)], f"{sys.argv[2]} {number}")
        print(f"{sys.argv[2]} {number}", flush=True)
"""
RESTORES = """
import sys
from pathlib import Path
from core.progress import Silent
from core.workflows import backups
from core.workflows.project import open_project

class Slow(Silent):
    def report(self, done, total, note=""):
        if note == "Putting it back" and done == 3:
            print("in the middle", flush=True)
            sys.stdin.readline()

with open_project(Path(sys.argv[1])) as project:
    backups.restore(project, sys.argv[2], Slow())
"""
SETS = """
import sys
from pathlib import Path
from core.workflows import project as workflow

with workflow.open_project(Path(sys.argv[1])) as project:
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(40):
        if sys.argv[2] == "encoder":
            workflow.set_encoder(project, f"encoder {number}")
        else:
            workflow.allow_online_translation(project, f"person {number}")
"""


def test_two_windows_and_a_command_write_at_once(project: Project) -> None:
    with open_project(project.folder) as other:

        def work(window: Project, name: str) -> None:
            for number in range(8):
                label.add_keyword(window, [ImageId(number + 1)], f"{name} {number}")

        def command() -> None:
            asked = [sys.executable, "-m", "core", "backup", str(project.folder)]
            subprocess.run(asked, check=True, cwd=ROOT, capture_output=True)

        with ThreadPoolExecutor(3) as pool:
            jobs = [
                pool.submit(work, project, "mine"),
                pool.submit(work, other, "theirs"),
                pool.submit(command),
            ]
            for job in jobs:
                job.result()
        names = {keyword.no for keyword in browse.all_keywords(other)}
        assert {f"{name} {n}" for name in ("mine", "theirs") for n in range(8)} <= names
    assert overview.faults(project.catalog) == []
    numbers = [event.number for event in project.catalog.log.read()]
    assert numbers == list(range(1, len(numbers) + 1))
    for _ in range(16):
        assert label.undo(project) is not None


def test_two_processes_decide_at_once_and_a_command_imports(
    project: Project, archive: Path
) -> None:
    """Windows are processes of their own: nothing but the file is between them."""
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", DECIDES, str(project.folder), name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("mine", "theirs")
    ]
    for window in windows:  # both have it open
        assert window.stdout is not None
        assert window.stdout.readline()
    redraw(archive / "0" / "new.png", 5)
    for asked in (["import"], ["backup"], ["keywords"]):
        command = [sys.executable, "-m", "core", asked[0], str(project.folder)]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    said = {line.strip() for window in windows for line in window.communicate()[0].splitlines()}
    assert [window.returncode for window in windows] == [0, 0]
    names = {keyword.no for keyword in browse.all_keywords(project)}
    assert {f"{name} {n}" for name in ("mine", "theirs") for n in range(1, 40)} <= said <= names
    assert len(known_files(project.catalog)) == COUNT + 1
    numbers = [event.number for event in project.catalog.log.read()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert overview.faults(project.catalog) == []


def test_two_processes_change_settings_at_once_and_keep_each_others(project: Project) -> None:
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", SETS, str(project.folder), part],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in ("encoder", "online")
    ]
    for window in windows:
        assert window.stdout is not None
        assert window.stdout.readline() == "open\n"
    for window in windows:
        assert window.stdin is not None
        window.stdin.write("go on\n")
        window.stdin.flush()
    for window in windows:
        window.communicate()
        assert window.returncode == 0
    found = ProjectSettings.read(project.folder)
    assert (found.encoder.source, found.online.agreed_by) == ("encoder 39", "person 39")
    assert found.archive == project.settings.archive
    assert not list(project.folder.glob("*.part"))


def test_while_a_backup_is_put_back_elsewhere_a_step_is_refused_and_can_be_repeated(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    label.add_keyword(project, [ImageId(1)], "before")
    made = backups.back_up(project, Silent())
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.2)
    arguments = [sys.executable, "-c", RESTORES, str(project.folder), made.name]
    with (
        subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as restoring,
        open_project(project.folder) as window,
    ):
        assert restoring.stdout is not None
        assert restoring.stdin is not None
        assert restoring.stdout.readline() == "in the middle\n"
        assert "before" in {one.no for one in browse.all_keywords(window)}
        with pytest.raises(StorageError, match=r"being put back in another.*repeat the step"):
            label.add_keyword(window, [ImageId(2)], "meanwhile")
        restoring.stdin.write("go on\n")
        restoring.stdin.close()
        assert restoring.wait() == 0
        label.add_keyword(window, [ImageId(2)], "meanwhile")
        names = {one.no for one in browse.all_keywords(window)}
    assert {"before", "meanwhile"} <= names
    assert History.of(project.catalog.log.read()).missing == 0


def test_an_undo_of_a_command_is_seen_by_a_window(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    label.add_keyword(project, [ImageId(1)], "mine")
    assert main(["undo", str(project.folder)]) == 0
    assert "mine" not in {keyword.no for keyword in browse.all_keywords(project)}
    assert label.redo_title(project) == "Add “mine”"


def test_a_second_encoding_is_refused_in_one_sentence(project: Project) -> None:
    path = project.feature_path(project.settings.encoder.identity)
    with (
        FeatureFile.open(path, "mean", writable=True),
        pytest.raises(ClipkwError, match=r"Another program is writing.*Wait"),
    ):
        encode_images(project, Silent())


def test_a_damaged_catalog_stays_while_a_second_window_has_it(project: Project) -> None:
    backups.back_up(project, Silent())
    (project.folder / CATALOG_FILE).write_bytes(b"")
    with pytest.raises(ClipkwError, match=r"open in another window or terminal.*Close"):
        recovery.rebuild(project.folder, Silent())


def redraw(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (17, 17, 3), np.uint8)
    PIL.Image.fromarray(noise).save(path)


def test_a_file_that_changed_after_the_import_is_not_encoded_as_it_was(
    empty: Project, archive: Path
) -> None:
    import_images(empty, Silent())
    redraw(archive / "0" / "00.png", 777)
    report = encode_images(empty, Silent())
    assert [one.path for one in report.failed] == ["0/00.png"]
    assert "import again" in report.failed[0].reason
    assert import_images(empty, Silent()).changed == 1
    assert encode_images(empty, Silent()).encoded == 1


def test_files_that_vanish_and_change_while_they_are_encoded(
    empty: Project, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "_CPU_BATCH", 2)
    import_images(empty, Silent())

    class Meddles(Silent):
        def report(self, done: int, total: int, note: str = "") -> None:
            if done == 4:
                (archive / "1" / "23.png").unlink(missing_ok=True)
                (archive / "1" / "21.png").write_bytes(b"half a fi")
                redraw(archive / "1" / "19.png", 778)

    report = encode_images(empty, Meddles())
    assert {one.path for one in report.failed} == {"1/19.png", "1/21.png", "1/23.png"}
    import_images(empty, Silent())
    states = {path: file.state for path, file in known_files(empty.catalog).items()}
    assert states["1/23.png"] is ImageState.MISSING
    assert states["1/21.png"] is ImageState.UNREADABLE
    assert encode_images(empty, Silent()).encoded == 1
    assert pending(empty) == 0
    assert len(states) == COUNT
