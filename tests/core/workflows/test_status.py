"""The state of a project in numbers, and the checks of the doctor."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import pytest
from made_up import IDENTITY, encode, ids, image, import_keywords, make_project, unit

from core.catalog import images
from core.settings import EncoderSettings
from core.types import Decision, Problem, Verdict
from core.workflows import browse, label, status
from core.workflows.project import Project

PATHS = [f"{number}.jpg" for number in range(6)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path, PATHS) as made:
        yield made


def checks(project: Project) -> dict[str, status.Check]:
    return {check.name: check for check in status.doctor(project)}


def test_an_empty_project(tmp_path: Path) -> None:
    with make_project(tmp_path, []) as made:
        found = status.status(made)
    assert found.images == {"present": 0, "missing": 0, "unreadable": 0}
    assert (found.labeled, found.unlabeled, found.encoded, found.pending) == (0, 0, 0, 0)
    assert (found.encoder, found.undo, found.redo) == ("", None, None)


def test_counts(project: Project) -> None:
    import_keywords(project, {"0.jpg": ["kran", "skip"], "1.jpg": ["skip"]})
    encode(project, {"0.jpg": unit(1, 4, 0)[0], "2.jpg": unit(1, 4, 1)[0]})
    broken = [Problem("5.jpg", "Its image data is damaged.")]
    images.record_scan(project.catalog, [], broken, ids(project, ["4.jpg"]), [])
    skip = browse.keyword_counts(project)[0][0].id
    unsure = [Decision(image(project, "2.jpg").id, skip, Verdict.UNSURE)]
    label.decide(project, unsure, "Unsure about “skip”")
    found = status.status(project)
    assert found.images == {"present": 4, "missing": 1, "unreadable": 1}
    assert (found.labeled, found.unlabeled, found.reviewed, found.unsure) == (2, 2, 1, 1)
    assert (found.encoded, found.pending) == (2, 2)
    assert (found.keywords, found.problems) == (2, 1)
    assert (found.undo, found.redo) == ("Unsure about “skip”", None)
    label.undo(project)
    assert status.status(project).redo == "Unsure about “skip”"


def test_it_becomes_json_as_it_is(project: Project) -> None:
    found = status.status(project)
    assert json.loads(json.dumps(asdict(found))) == asdict(found)


def test_the_machine_is_fit(project: Project) -> None:
    found = status.doctor()
    assert [check.name for check in found] == ["Python", "torch", "open_clip"]
    assert all(check.ok for check in found)
    assert all(check.ok for check in checks(project).values())


def test_the_encoder_is_looked_at(project: Project, dev_encoder: Path) -> None:
    assert "none is chosen" in checks(project)["encoder"].detail
    project.settings = replace(project.settings, encoder=EncoderSettings(str(dev_encoder)))
    found = checks(project)["encoder"]
    assert found.ok
    assert "dimensions" in found.detail


def test_every_fault_is_told_with_its_remedy(project: Project) -> None:
    encode(project, {"0.jpg": unit(1, 4, 0)[0]})
    project.feature_path(project.settings.encoder.identity).unlink()
    project.images_root.rmdir()
    project.settings = replace(project.settings, encoder=EncoderSettings("no/where", IDENTITY))
    found = checks(project)
    assert not found["encoder"].ok
    assert "is not there" in found["images folder"].detail
    assert "Encode the images" in found["vectors"].detail
    assert not found["images folder"].ok
    assert not found["vectors"].ok
    assert found["catalog"].ok


def test_a_full_disk_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(5_000_000))
    found = checks(project)["disk space"]
    assert (found.ok, found.detail.startswith("Only 5 MB are free")) == (False, True)


def test_a_damaged_catalog_is_told(project: Project) -> None:
    import_keywords(project, {path: ["skip", "kran"] for path in PATHS})
    with project.catalog.write() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'ix_images_state_path'"
        )
    project.catalog.close()
    found = checks(project)["catalog"]
    assert not found.ok
    assert "restore" in found.detail or "backup" in found.detail
