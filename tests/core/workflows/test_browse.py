"""Looking at images: records, thumbnails, the pictures themselves."""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest
from made_up import add_images, encode, image, import_keywords, unit

from core.errors import ImageError
from core.progress import Silent
from core.types import ImageQuery, QueueName
from core.workflows import browse
from core.workflows.ingest import import_images
from core.workflows.project import Project, create_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A wide picture, the same one lying on its side by EXIF, a broken one and a vanished one."""
    folder = tmp_path / "archive" / "ships"
    folder.mkdir(parents=True)
    picture = PIL.Image.new("RGB", (800, 400), (200, 30, 30))
    picture.paste((30, 30, 200), (0, 0, 400, 400))
    picture.save(folder / "wide.jpg", quality=95)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    picture.save(folder / "turned.jpg", quality=95, exif=exif)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    with create_project(tmp_path / "p", tmp_path / "archive") as made:
        names = ["wide.jpg", "turned.jpg", "broken.jpg", "vanished.jpg"]
        add_images(made, [f"ships/{name}" for name in names])
        yield made


def test_the_picture_is_upright_rgb_and_no_larger_than_asked(project: Project) -> None:
    wide = browse.picture(project, image(project, "ships/wide.jpg"), 200)
    assert (wide.size, wide.mode) == ((200, 100), "RGB")
    assert len(wide.tobytes()) == 200 * 100 * 3
    turned = browse.picture(project, image(project, "ships/turned.jpg"), 200)
    assert turned.size == (100, 200)
    red, _, blue = turned.getpixel((50, 20))
    assert blue > red  # the left half has become the top
    whole = browse.picture(project, image(project, "ships/wide.jpg"), 5_000)
    assert whole.size == (800, 400)


def test_thumbnails_are_made_once(project: Project) -> None:
    import_images(project, Silent())
    shown = image(project, "ships/wide.jpg")
    made = browse.thumbnail(project, shown)
    assert made.startswith(b"\xff\xd8")
    project.image_path(shown).unlink()
    assert browse.thumbnail(project, shown) == made


RED, BLUE = (220, 20, 20), (20, 20, 220)


@pytest.fixture
def twins(project: Project) -> Project:
    """Two red files of the same content, imported."""
    folder = project.images_root / "twins"
    folder.mkdir()
    PIL.Image.new("RGB", (40, 40), RED).save(folder / "a.bmp")
    shutil.copy2(folder / "a.bmp", folder / "b.bmp")
    import_images(project, Silent())
    return project


def is_red(project: Project, path: str) -> bool:
    with PIL.Image.open(io.BytesIO(browse.thumbnail(project, image(project, path)))) as small:
        red, _, blue = small.convert("RGB").getpixel((20, 20))
    return red > blue


@pytest.mark.parametrize("same_time", [False, True])
def test_a_file_changed_since_its_import_is_shown_and_spoils_no_other(
    twins: Project, same_time: bool
) -> None:
    path = twins.image_path(image(twins, "twins/a.bmp"))
    red, time = path.read_bytes(), path.stat().st_mtime_ns
    # A bitmap of one size is as long whatever it shows; of another it is longer.
    PIL.Image.new("RGB", (60, 60) if same_time else (40, 40), BLUE).save(path)
    changed = time if same_time else time + 1_000_000_000
    os.utime(path, ns=(changed, changed))
    assert not is_red(twins, "twins/a.bmp")
    assert not is_red(twins, "twins/a.bmp")
    assert is_red(twins, "twins/b.bmp")
    path.write_bytes(red)
    import_images(twins, Silent())
    assert is_red(twins, "twins/a.bmp")


def test_an_import_tells_what_is_kept(twins: Project) -> None:
    """A record from before an import that found another content in the file."""
    before = image(twins, "twins/a.bmp")
    PIL.Image.new("RGB", (60, 60), BLUE).save(twins.image_path(before))
    import_images(twins, Silent())
    browse.thumbnail(twins, before)
    assert is_red(twins, "twins/b.bmp")
    assert not is_red(twins, "twins/a.bmp")
    twins.image_path(before).unlink()
    assert not is_red(twins, "twins/a.bmp")  # kept under the hash that it has by now


@pytest.mark.parametrize("name", ["broken.jpg", "vanished.jpg"])
def test_what_cannot_be_decoded_says_why(project: Project, name: str) -> None:
    shown = image(project, f"ships/{name}")
    with pytest.raises(ImageError):
        browse.thumbnail(project, shown)
    with pytest.raises(ImageError):
        browse.picture(project, shown, 100)


def test_images_are_found_by_relative_and_absolute_path(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = image(project, "ships/wide.jpg")
    assert browse.find_image(project, "ships/wide.jpg") == wide
    assert browse.find_image(project, str(project.images_root / "ships" / "wide.jpg")) == wide
    assert browse.find_image(project, "./ships/wide.jpg") == wide
    monkeypatch.chdir(project.images_root / "ships")
    assert browse.find_image(project, "wide.jpg") == wide
    assert browse.find_image(project, "other.jpg") is None
    assert browse.find_image(project, "/etc/hostname") is None
    assert browse.find_image(project, "../../wide.jpg") is None


def test_queues_know_the_encoder_of_the_project(project: Project) -> None:
    suggested = ImageQuery(queue=QueueName.SUGGESTED)
    assert len(browse.image_ids(project, suggested)) == 0
    encode(project, {"ships/wide.jpg": unit(1, 4, 0)[0], "ships/turned.jpg": unit(1, 4, 1)[0]})
    import_keywords(project, {"ships/turned.jpg": ["skip"]})
    wide = image(project, "ships/wide.jpg").id
    assert browse.image_ids(project, suggested).tolist() == [wide]
    counts = browse.queue_counts(project)
    assert counts[QueueName.SUGGESTED] == 1
    assert counts[QueueName.ALL] == 4
    assert browse.folder_counts(project) == [("ships", 4)]
    [(keyword, count)] = browse.keyword_counts(project)
    assert (keyword.no, count) == ("skip", 1)
    assert browse.all_keywords(project) == [keyword]
    assert browse.problems(project) == []
