"""Making and opening projects, and every way in which that fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.catalog.backups import BackupReason, make_backup
from core.catalog.database import Catalog
from core.errors import ClipkwError, DamagedSettingsError, ImageError, ProjectError, StorageError
from core.images.decode import decode
from core.settings import SETTINGS_FILE, EncoderSettings, ProjectSettings
from core.types import Image, ImageId, ImageState
from core.workflows import project as project_module
from core.workflows.project import (
    Project,
    allow_online_translation,
    create_project,
    open_project,
    refresh_consent,
    remember_encoder,
    set_encoder,
    set_images_root,
)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


def test_a_new_project_opens_again(tmp_path: Path, images: Path) -> None:
    with create_project(tmp_path / "archive", images, "some/encoder") as project:
        assert project.folder == tmp_path / "archive.clipkw"
        assert project.warning == ""
        assert (project.folder / "features").is_dir()
    with open_project(tmp_path / "archive.clipkw") as project:
        assert project.images_root == images
        assert project.settings.encoder.source == "some/encoder"
        assert project.max_pixels == 250_000_000
    assert {path.name for path in tmp_path.iterdir()} == {"images", "archive.clipkw"}


def test_a_project_may_lie_inside_its_images(images: Path) -> None:
    with create_project(images / "mine.clipkw", images) as project:
        assert project.images_root == images


def test_what_keeps_a_project_from_being_made(tmp_path: Path, images: Path) -> None:
    create_project(tmp_path / "a.clipkw", images).close()
    for folder, root, message in [
        (tmp_path / "a", images, "exists already"),
        (tmp_path / "away" / "b", images, "does not exist"),
        (tmp_path / "b", tmp_path / "away", "There is no images folder"),
    ]:
        with pytest.raises(ProjectError, match=message) as caught:
            create_project(folder, root)
        assert caught.value.remedy
    assert {path.name for path in tmp_path.iterdir()} == {"images", "a.clipkw"}


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ProjectSettings, "write", full)
    with pytest.raises(StorageError, match="No space left on device"):
        create_project(tmp_path / "a", images)
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_images_that_may_not_be_read(
    tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_module.os, "access", lambda *_: False)
    with pytest.raises(ProjectError, match="cannot be read"):
        create_project(tmp_path / "a", images)


def test_what_keeps_a_project_from_being_opened(tmp_path: Path, images: Path) -> None:
    with pytest.raises(ProjectError, match="There is no project"):
        open_project(tmp_path / "away.clipkw")
    with pytest.raises(ProjectError, match="is not a ClipKW project"):
        open_project(images)
    create_project(tmp_path / "a", images).close()
    folder = tmp_path / "a.clipkw"
    for name, content, message in [
        ("project.toml", b"images = [", "cannot be read"),
        ("project.toml", b"", "does not say where its images are"),
        ("catalog.sqlite", b"no database" * 1000, "catalog"),
    ]:
        copy = shutil.copytree(folder, tmp_path / "copy.clipkw")
        for leftover in copy.glob(f"{name}-*"):
            leftover.unlink()
        (copy / name).write_bytes(content)
        with pytest.raises(ClipkwError, match=message):
            open_project(copy)
        shutil.rmtree(copy)
    (folder / "catalog.sqlite").unlink()
    with pytest.raises(ProjectError, match="There is no catalog"):
        open_project(folder)


def test_images_that_are_away_are_a_warning(tmp_path: Path, images: Path) -> None:
    create_project(tmp_path / "a", images).close()
    images.rename(tmp_path / "elsewhere")
    with open_project(tmp_path / "a.clipkw") as project:
        assert "is not there" in project.warning
        set_images_root(project, tmp_path / "elsewhere")
        assert project.warning == ""
        with pytest.raises(ProjectError, match="There is no images folder"):
            set_images_root(project, images)
    with open_project(tmp_path / "a.clipkw") as project:
        assert project.images_root == tmp_path / "elsewhere"


def test_another_encoder_forgets_the_identity_only(tmp_path: Path, images: Path) -> None:
    with create_project(tmp_path / "a", images, "one") as project:
        set_encoder(project, "two")
    with open_project(tmp_path / "a.clipkw") as project:
        assert (project.settings.encoder.source, project.settings.encoder.identity) == ("two", "")


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.jpg", "a/../../secret.jpg"])
def test_no_path_leads_out_of_the_images(tmp_path: Path, images: Path, path: str) -> None:
    image = Image(ImageId(1), path, "", 0, 0, 0, ImageState.PRESENT)
    with (
        create_project(tmp_path / "a", images) as project,
        pytest.raises(ProjectError, match="unsafe path"),
    ):
        project.image_path(image)


def test_a_link_that_takes_the_place_of_an_image_or_a_folder_is_not_followed(
    tmp_path: Path, images: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(b"secret")
    (images / "a.jpg").symlink_to(outside / "secret.jpg")
    (images / "folder").symlink_to(outside)
    (images / "real").mkdir()
    (images / "inside").symlink_to(images / "real")
    with create_project(tmp_path / "a", images) as project:
        for path in ("a.jpg", "folder/secret.jpg"):
            with pytest.raises(ProjectError, match="leads out of the images folder"):
                project.image_path(Image(ImageId(1), path, "", 0, 0, 0, ImageState.PRESENT))
        inside = Image(ImageId(1), "inside/b.jpg", "", 0, 0, 0, ImageState.PRESENT)
        assert project.image_path(inside) == images / "inside" / "b.jpg"


@pytest.mark.parametrize("path", ["a\0b.jpg", "a" * 5000, "\ud800.jpg"])
def test_a_path_that_cannot_be_one_is_an_image_that_cannot_be_used(
    tmp_path: Path, images: Path, path: str
) -> None:
    image = Image(ImageId(1), path, "", 0, 0, 0, ImageState.PRESENT)
    with (
        create_project(tmp_path / "a", images) as project,
        pytest.raises((ProjectError, ImageError)),
    ):
        decode(project.image_path(image), 10**6)


@pytest.mark.parametrize("identity", ["../../escaped", "/etc/passwd", "a/b", "x\0", "..", ""])
def test_no_identity_leads_out_of_the_features(tmp_path: Path, images: Path, identity: str) -> None:
    with (
        create_project(tmp_path / "a", images) as project,
        pytest.raises(ProjectError, match="identity"),
    ):
        project.feature_path(identity)


def test_two_open_at_once(tmp_path: Path, images: Path) -> None:
    with create_project(tmp_path / "a", images) as one, open_project(one.folder) as two:
        assert isinstance(two.catalog, Catalog)


def test_what_another_window_has_set_stays(tmp_path: Path, images: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with create_project(tmp_path / "a", images, "mean") as one:
        allow_online_translation(one, "kari")
        with open_project(one.folder) as two:
            allow_online_translation(one, "")
            set_images_root(one, elsewhere)
            remember_encoder(two, "abcd")
            allow_online_translation(one, "ola")
        found = ProjectSettings.read(one.folder)
        assert found.archive.images == str(elsewhere)
        assert found.encoder == EncoderSettings("mean", "abcd")
        assert found.online.agreed_by == "ola"


def test_what_an_older_window_saves_brings_no_consent_back(tmp_path: Path, images: Path) -> None:
    with create_project(tmp_path / "a", images, "mean") as one:
        allow_online_translation(one, "kari")
        with open_project(one.folder) as two:
            allow_online_translation(one, "")
            set_encoder(two, "other")
            assert not ProjectSettings.read(one.folder).online.translation
            assert two.settings.online.translation
            refresh_consent(two)
            assert not two.settings.online.translation
            assert two.settings.encoder.source == "other"


def test_an_identity_is_not_noted_for_an_encoder_chosen_meanwhile(
    tmp_path: Path, images: Path
) -> None:
    with (
        create_project(tmp_path / "a", images, "one") as loading,
        open_project(loading.folder) as other,
    ):
        set_encoder(other, "two")
        remember_encoder(loading, "abcd")
        assert ProjectSettings.read(loading.folder).encoder == EncoderSettings("two")
        assert loading.settings.encoder == EncoderSettings("one", "abcd")


CHANGES: list[Callable[[Project], None]] = [
    lambda project: set_encoder(project, "other"),
    lambda project: remember_encoder(project, "abcd"),
    lambda project: set_images_root(project, project.images_root),
    lambda project: allow_online_translation(project, "kari"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_settings_that_cannot_be_read_are_not_written_over(
    tmp_path: Path, images: Path, change: Callable[[Project], None]
) -> None:
    with create_project(tmp_path / "a", images, "mean") as project:
        before = project.settings
        path = project.folder / SETTINGS_FILE
        path.write_text("[archive", "utf-8")
        with pytest.raises(ProjectError, match="cannot be read"):
            change(project)
        assert path.read_text("utf-8") == "[archive"
        assert project.settings == before
        before.write(project.folder)
        change(project)


@pytest.mark.parametrize("content", [None, "[archive"])
def test_settings_that_a_backup_has_are_said_how_to_take(
    tmp_path: Path, images: Path, content: str | None
) -> None:
    with create_project(tmp_path / "a", images) as project:
        make_backup(project.catalog.path, BackupReason.REQUEST)
        path = project.folder / SETTINGS_FILE
        path.unlink() if content is None else path.write_text(content, "utf-8")
    with pytest.raises(DamagedSettingsError) as told:
        open_project(project.folder)
    assert "Choose Repair… in the window" in told.value.remedy
    assert f"clipkw rebuild {project.folder}" in told.value.remedy
