"""Broken images and tables: each gives its clear message, and none stops the rest."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import PIL.Image
import pytest

from core.catalog.images import known_files, problems
from core.catalog.keywords import all_keywords
from core.errors import TableError
from core.exchange import xlsx
from core.exchange.layout import TableFormat, TableLayout
from core.progress import Silent
from core.types import ImageState
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import create_project

CUT_OFF = "The file is cut off: its end is missing."
DAMAGED_START = "The file is damaged or cut off near its start."
DAMAGED = "Its image data is damaged."
NO_IMAGE = "It is not an image of a known format."


def picture(image_format: str, size: tuple[int, int] = (48, 32), **options: Any) -> bytes:
    values = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(values).save(buffer, image_format, **options)
    return buffer.getvalue()


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"0")), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(name + data))
        chunks += struct.pack(">I", len(data)) + name + data + checksum
    return b"\x89PNG\r\n\x1a\n" + chunks


JPEG, PNG, TIFF, BMP, GIF, WEBP = (
    picture(name) for name in ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP")
)

BROKEN_IMAGES: dict[str, tuple[bytes, str]] = {
    "empty.jpg": (b"", "The file is empty."),
    "empty.png": (b"", "The file is empty."),
    "zeros.jpg": (bytes(5000), "The file holds only zeros."),
    "text.jpg": (b"This is only a text.", NO_IMAGE),
    "page.gif": (b"<html><body>404</body></html>", NO_IMAGE),
    "archive.tif": (b"PK\x03\x04" + bytes(100), NO_IMAGE),
    "document.png": (b"%PDF-1.7\n" + bytes(100), NO_IMAGE),
    "program.bmp": (b"\x7fELF" + bytes(100), NO_IMAGE),
    "pickle.webp": (b"\x80\x04\x95" + bytes(100), NO_IMAGE),
    "postscript.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", NO_IMAGE),
    "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NO_IMAGE),
    "start_only.jpg": (b"\xff\xd8", DAMAGED_START),
    "header_only.jpg": (JPEG[:40], DAMAGED_START),
    "half.jpg": (JPEG[: len(JPEG) // 2 + 200], CUT_OFF),
    "nearly_all.jpg": (JPEG[:-2], CUT_OFF),
    "zeroed_tail.jpg": (JPEG[:-300] + bytes(300), CUT_OFF),
    "half_progressive.jpg": (picture("JPEG", progressive=True)[:-300], CUT_OFF),
    "half.png": (PNG[: len(PNG) // 2], CUT_OFF),
    "no_end.png": (PNG[:-12], CUT_OFF),
    "flipped.png": (flipped(PNG, len(PNG) // 2), DAMAGED),
    "header_only.png": (PNG[:20], DAMAGED_START),
    "bomb.png": (
        png_claiming(50_000, 50_000),
        "It has 2500 megapixels; the limit of this project is 250.",
    ),
    "wide.png": (
        png_claiming(1_000_000, 300),
        "It has 300 megapixels; the limit of this project is 250.",
    ),
    "half.tif": (TIFF[: len(TIFF) // 2], CUT_OFF),
    "no_directory.tif": (b"II*\0\xff\xff\xff\x7f", DAMAGED_START),
    "half_lzw.tif": (picture("TIFF", compression="tiff_lzw")[:300], DAMAGED_START),
    "half.bmp": (BMP[: len(BMP) // 2], CUT_OFF),
    "header_only.bmp": (BMP[:10], DAMAGED_START),
    "half.gif": (GIF[: len(GIF) // 2], CUT_OFF),
    "header_only.gif": (GIF[:8], DAMAGED_START),
    "half.webp": (WEBP[: len(WEBP) // 2], DAMAGED_START),
    "flipped.webp": (flipped(WEBP, 13), DAMAGED_START),
}


def test_broken_images_are_listed_with_their_reasons(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    root.mkdir()
    for name, (data, _) in BROKEN_IMAGES.items():
        (root / name).write_bytes(data)
    (root / "good.jpg").write_bytes(JPEG)
    (root / "zz_good.png").write_bytes(PNG)
    expected = {name: reason for name, (_, reason) in BROKEN_IMAGES.items()}
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe.jpg")
        expected["pipe.jpg"] = "It is a device or a pipe, not a file."
    (root / "out.jpg").symlink_to("/etc/hostname")
    expected["out.jpg"] = "This is a link that leads out of the images folder; it is not followed."
    (root / "folder.jpg").mkdir()
    with create_project(tmp_path / "p", root) as project:
        found = import_images(project, Silent())
        assert {problem.path: problem.reason for problem in found.unreadable} == expected
        assert {p.path: p.reason for p in problems(project.catalog)} == expected
        known = known_files(project.catalog)
        assert {path: file.state for path, file in known.items()} == {
            "good.jpg": ImageState.PRESENT,
            "zz_good.png": ImageState.PRESENT,
        }


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        return zipped({name: change(name, archive.read(name)) for name in archive.namelist()})


def entity_bomb(name: str, data: bytes) -> bytes:
    if not name.endswith("sheet1.xml"):
        return data
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><x>&e9;</x>'.encode()


def cut_sheet(name: str, data: bytes) -> bytes:
    return data[: len(data) // 2] if name.endswith("sheet1.xml") else data


def no_sheets(name: str, data: bytes) -> bytes:
    return b"<workbook/>" if name == "xl/workbook.xml" else data


WORKBOOK = workbook([["path", "keywords"], ["a.jpg", "x;y"]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

BROKEN_TABLES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank lines": (b"\n\n\n", "needs a column of paths"),
    "byte order mark only": (b"\xef\xbb\xbf", "needs a column of paths"),
    "one column": (b"path\na.jpg\nb.jpg\n", "needs a column of paths"),
    "a photograph": (JPEG, "The file is not text"),
    "a program": (b"\x7fELF" + bytes(range(256)) * 10, "The file is not text"),
    "zeros": (bytes(10_000), "The file is not text"),
    "a zero at the end": (b"path,keywords\na.jpg,x\n" * 100 + b"\0", "The file is not text"),
    "old excel": (OLE + bytes(1000), "is an old or an encrypted Excel file"),
    "a quotation mark never closed": (
        b'path,keywords\na.jpg,"x\nb.jpg,y\nc.jpg,z\n',
        "A quotation mark in line 2 is never closed; it swallows 2 lines",
    ),
    "a quotation mark never closed in a long table": (
        b"path,keywords\n" + b"b.jpg,y\n" * 600 + b'a.jpg,"x\n' + b"b.jpg,y\n" * 60_000,
        "Line 602 of table cannot be read: a cell is longer than 131072 characters",
    ),
    "an endless line": (b"path,keywords\na.jpg," + b"x;" * 600_000, "is longer than 1048576"),
    "an enormous cell": (
        b"path,keywords\na.jpg," + b"x" * 200_000,
        "a cell is longer than 131072 characters",
    ),
    "half a character in UTF-16": ("path,keywords\na.jpg,x\n".encode("utf-16")[:-1], "utf-16"),
    "half a workbook": (WORKBOOK[: len(WORKBOOK) // 2], "it is cut off or no workbook"),
    "start of a workbook": (b"PK\x03\x04", "it is cut off or no workbook"),
    "a damaged workbook": (flipped(WORKBOOK, 60), "is damaged"),
    "another archive": (zipped({"readme.txt": b"hello"}), "is not an XLSX workbook"),
    "a text document": (
        zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        "is not an XLSX workbook",
    ),
    "an empty workbook": (workbook([]), "No sheet of table has a column of paths"),
    "a workbook of one column": (workbook([["a.jpg"]]), "No sheet of table has a column of paths"),
    "a workbook without sheets": (repacked(no_sheets), "table"),
    "a sheet that is cut off": (repacked(cut_sheet), "is damaged and cannot be read"),
    "an entity bomb": (repacked(entity_bomb), "defines XML entities"),
    "too many parts": (
        zipped({f"xl/{n}.xml": b"" for n in range(xlsx.MAX_PARTS + 1)}),
        "would unpack to more than a keyword table needs",
    ),
}


@pytest.mark.parametrize("kind", BROKEN_TABLES)
def test_a_broken_table_says_what_is_wrong_and_writes_nothing(tmp_path: Path, kind: str) -> None:
    data, message = BROKEN_TABLES[kind]
    root = tmp_path / "archive"
    root.mkdir()
    (root / "a.jpg").write_bytes(JPEG)
    (root / "table").write_bytes(data)
    with create_project(tmp_path / "p", root) as project:
        import_images(project, Silent())
        with pytest.raises(TableError, match=message) as caught:
            import_keywords(project, root / "table", None, Silent())
        assert caught.value.remedy
        assert "\n" not in str(caught.value)
        assert all_keywords(project.catalog) == []


def test_a_workbook_that_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 1 << 20)
    bomb = zipped({"[Content_Types].xml": b"<x/>", "xl/sheet.xml": b" " * (2 << 20)})
    assert len(bomb) < 10_000
    (tmp_path / "t.xlsx").write_bytes(bomb)
    with pytest.raises(TableError, match="would unpack to more"):
        xlsx.sheet_names(tmp_path / "t.xlsx")


TEXT = TableLayout(TableFormat.TEXT, 0, (1,), ";", encoding="utf-8", delimiter=",")
LOST = {
    "no file": (None, TEXT, "There is no table"),
    "a wrong encoding": ("a.jpg,blåbær".encode("latin-1"), TEXT, "is not written in utf-8"),
    "an unknown encoding": (
        b"a.jpg,x",
        TableLayout(TableFormat.TEXT, 0, (1,), ";", encoding="klingon", delimiter=","),
        "is not written in klingon",
    ),
    "an unknown sheet": (
        WORKBOOK,
        TableLayout(TableFormat.XLSX, 0, (1,), ";", sheet="Ark9"),
        "has no sheet 'Ark9'",
    ),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_layout_that_does_not_fit(tmp_path: Path, kind: str) -> None:
    data, layout, message = LOST[kind]
    if data is not None:
        (tmp_path / "table").write_bytes(data)
    (tmp_path / "archive").mkdir()
    with (
        create_project(tmp_path / "p", tmp_path / "archive") as project,
        pytest.raises(TableError, match=message),
    ):
        import_keywords(project, tmp_path / "table", layout, Silent())


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    with (
        create_project(tmp_path / "p", tmp_path / "archive") as project,
        pytest.raises(TableError, match="is a folder"),
    ):
        import_keywords(project, tmp_path / "archive", None, Silent())


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN_IMAGES) + len(BROKEN_TABLES) + len(LOST) >= 40
