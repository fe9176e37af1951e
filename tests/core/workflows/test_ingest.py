"""From a folder and a table to a catalog, again and again, without touching an original."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import PIL.Image
import pytest

from core.catalog import decisions, keywords
from core.catalog import images as catalog_images
from core.catalog.journal import undo
from core.errors import Cancelled, ImageError, ProjectError, TableError
from core.exchange.layout import TableFormat, TableLayout
from core.progress import Silent
from core.types import Decision, ImageState, Verdict
from core.workflows import browse, ingest
from core.workflows.ingest import import_images, import_keywords, preview_table, survey
from core.workflows.project import Project, create_project


def draw(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    PIL.Image.fromarray(values).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    for seed, name in enumerate(["a.jpg", "b.png", "sub/a.jpg", "sub/æøå.tif"]):
        draw(root / name, seed)
    return root


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Iterator[Project]:
    with create_project(tmp_path / "p", root) as project:
        yield project


def table(root: Path, text: str) -> Path:
    path = root / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def states(project: Project) -> dict[str, ImageState]:
    known = catalog_images.known_files(project.catalog)
    return {path: file.state for path, file in sorted(known.items())}


def labels(project: Project) -> dict[str, dict[str, Verdict]]:
    known = catalog_images.known_files(project.catalog)
    names = {keyword.id: keyword.no for keyword in keywords.all_keywords(project.catalog)}
    by_image = decisions.labels_of(project.catalog, [file.id for file in known.values()])
    return {
        path: {names[label.keyword]: label.verdict for label in by_image.get(file.id, ())}
        for path, file in sorted(known.items())
    }


def test_survey_counts_without_opening(root: Path) -> None:
    (root / "broken.jpg").write_bytes(b"")
    (root / "notes.txt").write_bytes(b"")
    found = survey(root, Silent())
    assert (found.files, found.folders, found.others) == (5, 2, 1)
    assert found.bytes == sum(p.stat().st_size for p in root.rglob("*") if p.is_file())
    with pytest.raises(ImageError, match="cannot be read"):
        survey(root / "away", Silent())


def test_import_then_nothing_to_do(project: Project) -> None:
    first = import_images(project, Silent())
    assert (first.added, first.unchanged, first.unreadable) == (4, 0, [])
    image = catalog_images.find_image(project.catalog, "sub/æøå.tif")
    assert image is not None
    assert (image.width, image.height, image.state) == (24, 16, ImageState.PRESENT)
    again = import_images(project, Silent())
    assert (again.added, again.changed, again.unchanged) == (0, 0, 4)


def test_a_year_in_the_life_of_an_archive(project: Project, root: Path) -> None:
    import_images(project, Silent())
    import_keywords(project, table(root, "path,keywords\na.jpg,x\nsub/a.jpg,y\n"), None, Silent())
    (root / "a.jpg").rename(root / "renamed.jpg")
    (root / "b.png").unlink()
    (root / "sub/æøå.tif").write_bytes(b"II*\0broken")
    draw(root / "new.jpg", 9)
    draw(root / "sub/a.jpg", 10)
    found = import_images(project, Silent())
    assert (found.added, found.moved, found.changed, found.missing) == (1, 1, 1, 1)
    assert [problem.path for problem in found.unreadable] == ["sub/æøå.tif"]
    assert states(project) == {
        "b.png": ImageState.MISSING,
        "new.jpg": ImageState.PRESENT,
        "renamed.jpg": ImageState.PRESENT,
        "sub/a.jpg": ImageState.PRESENT,
        "sub/æøå.tif": ImageState.UNREADABLE,
    }
    assert labels(project)["renamed.jpg"] == {"x": Verdict.IMPORTED}
    assert labels(project)["sub/a.jpg"] == {"y": Verdict.IMPORTED}
    # It is repaired, and the lost one comes back.
    draw(root / "sub/æøå.tif", 3)
    draw(root / "b.png", 1)
    import_images(project, Silent())
    assert set(states(project).values()) == {ImageState.PRESENT}
    assert catalog_images.problems(project.catalog) == []


def test_a_problem_is_forgotten_when_its_file_is_gone(project: Project, root: Path) -> None:
    (root / "broken.jpg").write_bytes(b"no image")
    (root / "out.jpg").symlink_to("/nowhere.jpg")
    import_images(project, Silent())
    assert [p.path for p in catalog_images.problems(project.catalog)] == ["broken.jpg", "out.jpg"]
    (root / "broken.jpg").unlink()
    (root / "out.jpg").unlink()
    import_images(project, Silent())
    assert catalog_images.problems(project.catalog) == []


def test_an_archive_that_is_away_or_empty_is_not_missing(project: Project, root: Path) -> None:
    import_images(project, Silent())
    before = states(project)
    aside = root.rename(root.with_name("aside"))
    with pytest.raises(ProjectError, match="is not there"):
        import_images(project, Silent())
    root.mkdir()
    with pytest.raises(ProjectError, match="holds no image now"):
        import_images(project, Silent())
    assert states(project) == before
    root.rmdir()
    aside.rename(root)
    assert import_images(project, Silent()).unchanged == 4


def test_originals_and_table_are_as_before(project: Project, root: Path) -> None:
    path = table(root, "path,keywords\na.jpg,x\n")
    for file in root.rglob("*"):
        os.utime(file, ns=(1_000_000_007, 2_000_000_011))
    (root / "a.jpg").chmod(0o444)

    def state() -> dict[str, tuple[int, int, int, bytes]]:
        return {
            str(file): (s.st_mtime_ns, s.st_mode, s.st_ino, file.read_bytes())
            for file in sorted(root.rglob("*"))
            if file.is_file() and (s := file.stat())
        }

    before = state()
    import_images(project, Silent())
    preview_table(path, root)
    import_keywords(project, path, None, Silent())
    for image in catalog_images.get_images(
        project.catalog, [f.id for f in catalog_images.known_files(project.catalog).values()]
    ):
        browse.thumbnail(project, image)
    assert state() == before


def test_import_keywords(project: Project, root: Path) -> None:
    import_images(project, Silent())
    path = table(root, "path,keywords\na.jpg,x;y\nA.JPG,Y;z\nb.png,x\ngone.jpg,x\n")
    preview = preview_table(path, root)
    found = import_keywords(project, path, preview.layout, Silent())
    assert (found.rows, found.matched) == (4, 3)
    assert found.without_row == list(preview.without_row)
    assert len(found.without_row) == 2
    assert (found.labels_added, found.keywords_added) == (4, 3)
    assert found.unmatched_rows == ["row 5: gone.jpg"]
    assert (preview.labels, preview.keywords, preview.matched) == (4, 3, 3)
    assert labels(project)["a.jpg"] == dict.fromkeys("xyz", Verdict.IMPORTED)
    again = import_keywords(project, path, None, Silent())
    assert (again.labels_added, again.keywords_added) == (0, 0)


def test_import_is_one_step_back(project: Project, root: Path) -> None:
    import_images(project, Silent())
    import_keywords(project, table(root, "path,keywords\na.jpg,x\nb.png,y\n"), None, Silent())
    assert undo(project.catalog) is not None
    assert not any(labels(project).values())


def test_a_decision_of_a_person_stands(project: Project, root: Path) -> None:
    import_images(project, Silent())
    path = table(root, "path,keywords\na.jpg,x\n")
    import_keywords(project, path, None, Silent())
    image = catalog_images.find_image(project.catalog, "a.jpg")
    keyword = keywords.find_keyword(project.catalog, "x")
    assert image is not None
    assert keyword is not None
    rejected = Decision(image.id, keyword.id, Verdict.REJECTED)
    decisions.decide(project.catalog, [rejected], by="Kari", title="Reject")
    import_keywords(project, path, None, Silent())
    assert labels(project)["a.jpg"] == {"x": Verdict.REJECTED}


def test_english_names_come_along(project: Project, root: Path) -> None:
    import_images(project, Silent())
    path = table(root, "path,nøkkelord,english\na.jpg,bil;tog,car;train\nb.png,bil;ku,auto\n")
    found = import_keywords(project, path, None, Silent())
    assert found.warnings == (
        "1 rows do not have one English name for each keyword; their English names are ignored.",
    )
    names = {keyword.no: keyword.en for keyword in keywords.all_keywords(project.catalog)}
    assert names == {"bil": "car", "tog": "train", "ku": None}


def test_xlsx_beside_the_images(project: Project, root: Path) -> None:
    import_images(project, Silent())
    workbook = openpyxl.Workbook()
    for row in (["Filnavn", "Emneord"], ["archive\\sub\\ÆØÅ.tif", "blåbær, myr, høst"]):
        workbook.active.append(row)
    path = root.parent / "table.xlsx"
    workbook.save(path)
    import_keywords(project, path, None, Silent())
    assert set(labels(project)["sub/æøå.tif"]) == {"blåbær", "myr", "høst"}


def test_the_layout_of_the_person_counts(project: Project, root: Path) -> None:
    import_images(project, Silent())
    path = table(root, "path,note,keywords\na.jpg,mine,yours\n")
    layout = TableLayout(TableFormat.TEXT, 0, (1,), ";", encoding="utf-8", delimiter=",")
    assert preview_table(path, root, layout).layout == layout
    import_keywords(project, path, layout, Silent())
    assert labels(project)["a.jpg"] == {"mine": Verdict.IMPORTED}


def test_a_broken_end_of_a_table_writes_nothing(project: Project, root: Path) -> None:
    import_images(project, Silent())
    path = table(root, 'path,keywords\na.jpg,x\nb.png,"y\nsub/a.jpg,z\n')
    with pytest.raises(TableError, match="A quotation mark in line 3 is never closed"):
        import_keywords(project, path, None, Silent())
    assert keywords.all_keywords(project.catalog) == []


def test_cancelling_keeps_what_is_stored(
    project: Project, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        draw(root / "more" / f"{number:02}.jpg", 100 + number)
    monkeypatch.setattr("core.images.scan.BATCH_SIZE", 10)
    monkeypatch.setattr("core.images.scan._CHUNK_FILES", 1)

    class Impatient(Silent):
        def report(self, done: int, total: int, note: str = "") -> None:
            if done > 15:
                raise Cancelled

    with pytest.raises(Cancelled):
        import_images(project, Impatient())
    assert len(states(project)) == 10
    found = import_images(project, Silent())
    assert (found.added, found.unchanged) == (24, 10)


def test_a_project_inside_its_archive_is_not_imported(root: Path) -> None:
    with create_project(root / "inside", root) as project:
        import_images(project, Silent())
        image = catalog_images.find_image(project.catalog, "a.jpg")
        assert image is not None
        browse.thumbnail(project, image)
        assert import_images(project, Silent()).added == 0
        assert import_images(project, Silent()).unchanged == 4


def test_a_moved_archive(project: Project, root: Path) -> None:
    from core.workflows.project import set_images_root

    import_images(project, Silent())
    shutil.copytree(root, root.with_name("copy"))
    set_images_root(project, root.with_name("copy"))
    found = import_images(project, Silent())
    assert (found.added, found.moved, found.missing, found.unchanged) == (0, 0, 0, 4)


@pytest.mark.photographs
@pytest.mark.parametrize(
    ("name", "images", "labels_added", "keywords_added"),
    # Keywords that differ in case only are one keyword: 110 and 3361 spellings.
    [
        ("aircraft", 8275, 28620, 109),
        ("emoji_nb", 1360, 5693, 3301),
        ("tuxpaint_nb", 742, 2048, 102),
    ],
)
def test_real_archives(
    aircraft: Path, tmp_path: Path, name: str, images: int, labels_added: int, keywords_added: int
) -> None:
    root = aircraft.parent / name
    with create_project(tmp_path / "p", root) as project:
        found = import_images(project, Silent())
        assert (found.added, found.unreadable) == (images, [])
        taken = import_keywords(project, root / "labels.csv", None, Silent())
        assert (taken.matched, taken.without_row) == (images, [])
        assert (taken.labels_added, taken.keywords_added) == (labels_added, keywords_added)
        assert ingest.import_images(project, Silent()).unchanged == images
