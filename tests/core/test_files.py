"""Files that appear complete or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from core.errors import StorageError
from core.files import replacing, storage_errors, sync


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_text("before")
    with replacing(path) as part:
        part.write_text("after")
        sync(part)
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def _write_half(path: Path, error: BaseException) -> None:
    with replacing(path) as part:
        part.write_text("half")
        raise error


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_after_an_error_the_one_before_is_there_and_nothing_else(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "note"
    path.write_text("before")
    with pytest.raises(type(error)):
        _write_half(path, error)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_disk_is_told_with_the_file_and_a_remedy() -> None:
    with pytest.raises(StorageError) as told, storage_errors(Path("/note"), "Free some space."):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(told.value) == "/note cannot be written: No space left on device. Free some space."
