"""A workbook may hold a large table, but no piece that would fill the memory."""

from __future__ import annotations

import re
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from core.errors import TableError
from core.exchange import bounded_workbook, xlsx

PIECE = 1 << 16
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SHEET = "xl/worksheets/sheet1.xml"
LONG = b"x" * (1 << 20)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_workbook, "MAX_PIECE", PIECE)


def workbook(
    path: Path, sheet_data: bytes = b"", strings: bytes = b"", styles: bytes = b""
) -> Path:
    """A workbook with one sheet of these rows, and a part of these shared strings."""
    plain = path.with_suffix(".plain")
    openpyxl.Workbook().save(plain)
    override = f'<Override PartName="/xl/odd name" ContentType="{STRINGS}"/></Types>'.encode()
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == SHEET:
                rows = b"<sheetData>" + sheet_data + b"</sheetData>"
                data = rows.join(re.split(rb"<sheetData ?/>|<sheetData></sheetData>", data))
                assert rows in data
            elif name == "xl/styles.xml":
                data = data.replace(b"</styleSheet>", styles + b"</styleSheet>")
            elif name == "[Content_Types].xml" and strings:
                data = data.replace(b"</Types>", override)
            target.writestr(name, data)
        if strings:
            target.writestr("xl/odd name", f'<sst xmlns="{MAIN}">'.encode() + strings + b"</sst>")
    return path


def rows_of(path: Path) -> list[list[str]]:
    return list(xlsx.xlsx_rows(path, xlsx.sheet_names(path)[0]))


def inline(text: bytes) -> bytes:
    return b'<row><c t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


HOSTILE = {
    "a long text": {"sheet_data": inline(LONG)},
    "a long number": {"sheet_data": b"<row><c><v>" + b"1" * (1 << 20) + b"</v></c></row>"},
    "many runs in one cell": {
        "sheet_data": b'<row><c t="inlineStr"><is>'
        + b"<r><t>x</t></r>" * 50_000
        + b"</is></c></row>"
    },
    "a row of many cells": {"sheet_data": b"<row>" + b"<c><v>1</v></c>" * 50_000 + b"</row>"},
    "a long name of a style": {"sheet_data": b'<row><c s="' + LONG + b'"/></row>'},
    "a long comment": {"sheet_data": b"<!--" + b"<row></row>" * 50_000 + b"-->"},
    "a raw section": {"sheet_data": inline(b"<![CDATA[" + b"<row>" * 50_000 + b"]]>")},
    "a long shared string": {"strings": b"<si><t>" + LONG + b"</t></si>"},
    "many runs in a shared string": {"strings": b"<si>" + b"<r><t>x</t></r>" * 50_000 + b"</si>"},
    "styles without end": {"styles": b"<x/>" * 50_000},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_piece_that_would_fill_the_memory_is_refused(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / "t.xlsx", **HOSTILE[kind])
    with pytest.raises(TableError, match="unpack to more than a keyword table needs") as told:
        rows_of(path)
    assert told.value.remedy


def test_a_bomb_is_refused_without_holding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_workbook, "MAX_PIECE", 1 << 20)
    path = workbook(tmp_path / "t.xlsx", inline(LONG * 30))
    assert path.stat().st_size < 100_000
    xlsx.sheet_names(path)
    tracemalloc.start()
    with pytest.raises(TableError, match="unpack to more"):
        rows_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15 << 20


def test_too_many_shared_strings_whatever_their_part_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "t.xlsx", strings=b"<si><t>x</t></si>" * 5000)
    assert rows_of(path) == []
    monkeypatch.setattr(bounded_workbook, "MAX_SHARED_STRINGS", PIECE)
    with pytest.raises(TableError, match="unpack to more"):
        rows_of(path)


def test_more_rows_than_a_spreadsheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 100)
    assert len(rows_of(workbook(tmp_path / "a.xlsx", b"<row/>" * 100))) == 100
    for number, rows in enumerate((b"<row/>" * 101, b'<row r="1000000000"><c><v>1</v></c></row>')):
        with pytest.raises(TableError, match="unpack to more"):
            rows_of(workbook(tmp_path / f"{number}.xlsx", rows))


def test_a_table_of_many_times_the_bound_is_read(tmp_path: Path) -> None:
    strings = b"".join(b"<si><t>bilde %d.jpg</t></si>" % number for number in range(5000))
    rows = b"".join(
        b'<row><c t="s"><v>%d</v></c><c t="inlineStr"><is><t>sn\xc3\xb8</t></is></c></row>' % number
        for number in range(5000)
    )
    path = workbook(tmp_path / "t.xlsx", rows, strings)
    assert min(len(strings), len(rows)) > 2 * PIECE
    assert rows_of(path) == [[f"bilde {number}.jpg", "snø"] for number in range(5000)]


def test_shared_strings_are_what_openpyxl_makes_of_them(tmp_path: Path) -> None:
    strings = (
        b"<si><t>a_x005F_b</t></si><si/><si><r><t>rich </t></r><r><t>text</t></r></si>"
        b'<si><t xml:space="preserve"> x </t><rPh sb="0" eb="1"><t>y</t></rPh></si>'
    )
    rows = b"".join(b'<row><c t="s"><v>%d</v></c></row>' % number for number in range(4))
    path = workbook(tmp_path / "t.xlsx", rows, strings)
    expected = openpyxl.load_workbook(path, read_only=True)
    expected.active.reset_dimensions()  # it claims to be one cell
    values = [[row[0] or ""] for row in expected.active.iter_rows(values_only=True)]
    assert [row or [""] for row in rows_of(path)] == values
