"""Tables in every way of writing one, and what is detected about them."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import TableError
from core.exchange.layout import TableFormat, TableLayout, TableRow
from core.exchange.paths import PathIndex
from core.exchange.tables import detect_layout, preview, read_rows
from core.progress import Silent

NORWEGIAN = "path,keywords\na.jpg,blåbær;ærfugl\nb.jpg,øy\n"


def write(folder: Path, data: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def write_xlsx(path: Path, rows: list[list[Any]], **sheets: list[list[Any]]) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for title, content in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in content:
            sheet.append(row)
    workbook.save(path)
    return path


def labels(path: Path, layout: TableLayout | None = None) -> dict[str, tuple[str, ...]]:
    return {row.path: row.keywords for row in read_rows(path, layout or detect_layout(path))}


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("windows-1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_encodings_give_the_same_norwegian(tmp_path: Path, encoding: str, detected: str) -> None:
    path = write(tmp_path, NORWEGIAN.encode(encoding))
    layout = detect_layout(path)
    assert layout.encoding == detected
    assert layout.header == ("path", "keywords")
    assert labels(path) == {"a.jpg": ("blåbær", "ærfugl"), "b.jpg": ("øy",)}


def test_bytes_that_windows_1252_lacks_are_latin_1(tmp_path: Path) -> None:
    path = write(tmp_path, NORWEGIAN.encode("latin-1") + b"c.jpg,\x81\n")
    assert detect_layout(path).encoding == "latin-1"


def test_the_only_letter_outside_ascii_may_be_the_last(tmp_path: Path) -> None:
    rows = "".join(f"{number:06}.jpg,tank\n" for number in range(100_000))
    path = write(tmp_path, ("path,keywords\n" + rows + "z.jpg,øy\n").encode("windows-1252"))
    assert detect_layout(path).encoding == "windows-1252"
    assert labels(path)["z.jpg"] == ("øy",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("separator", [";", ",", "|", "\n"])
def test_delimiters_and_separators(tmp_path: Path, delimiter: str, separator: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["filnavn", "nøkkelord"])
    writer.writerow(["a/1.jpg", separator.join(["tank", "snø", "skog"])])
    writer.writerow(["a/2.jpg", separator.join(["tank", "snø"])])
    writer.writerow(["a/3.jpg", "skip"])
    path = write(tmp_path, stream.getvalue())
    layout = detect_layout(path)
    assert (layout.delimiter, layout.keyword_separator) == (delimiter, separator)
    assert labels(path) == {
        "a/1.jpg": ("tank", "snø", "skog"),
        "a/2.jpg": ("tank", "snø"),
        "a/3.jpg": ("skip",),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # no header, one column each, ragged
        ("a.jpg,tank,snø\nb.jpg,skip\n", (0, (1, 2), "", False, None)),
        # the path is not the first column
        ("id,motiv,filsti\n1,tank;snø,a.jpg\n2,skip,b.jpg\n", (2, (1,), ";", True, None)),
        # a family of columns among others
        ("fil,dato,tag1,tag2\na.jpg,2020,x,y\nb.jpg,2021,z,\n", (0, (2, 3), "", True, None)),
        # only the first of the columns has a name
        ("path,keywords,,\na.jpg,x,y,z\nb.jpg,x,,\n", (0, (1, 2, 3), "", True, None)),
        # English names beside the Norwegian ones
        (
            "path,nøkkelord,keywords_en\na.jpg,bil;tog,car;train\n",
            (0, (1,), ";", True, 2),
        ),
        ("path;keywords no;engelsk\na.jpg;bil;car\n", (0, (1,), "", True, 2)),
        # unknown names: the first column after the path
        ("hvor,hva,hvem\na.jpg,x;y,Kari\nb.jpg,y,Ola\n", (0, (1,), ";", True, None)),
        # English keywords only
        ("path,keywords_en\na.jpg,car;train\n", (0, (1,), ";", True, None)),
        # no cell looks like a path, but the header tells
        ("file,keywords\nIMG_1,tank\n", (0, (1,), "", True, None)),
        # a hint of spreadsheet programs
        ("sep=;\npath;keywords\na.jpg;x, y\n", (0, (1,), "", True, None)),
        # line ends of old and other systems
        ("path,keywords\ra.jpg,x;y\r", (0, (1,), ";", True, None)),
        ("path,keywords\r\na.jpg,x;y\r\n", (0, (1,), ";", True, None)),
    ],
)
def test_detected_columns(tmp_path: Path, text: str, expected: tuple[Any, ...]) -> None:
    found = detect_layout(write(tmp_path, text))
    assert (
        found.path_column,
        found.keyword_columns,
        found.keyword_separator,
        found.has_header,
        found.english_column,
    ) == expected


def test_rows_of_every_shape(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufeffpath,keywords,note\n"
        "\n"
        '"a, b.jpg","tank\ntung tank",x\n'
        "c.jpg\n"
        "d.jpg,tank\n"
        ",lost\n"
        "e.jpg,tank\nfly,,more,and more\n",
    )
    layout = detect_layout(path)
    assert list(read_rows(path, layout)) == [
        TableRow(3, "a, b.jpg", ("tank", "tung tank")),
        TableRow(4, "c.jpg", ()),
        TableRow(5, "d.jpg", ("tank",)),
        TableRow(6, "", ("lost",)),
        TableRow(7, "e.jpg", ("tank",)),
        TableRow(8, "fly", (), wider=True),
    ]


def test_english_names_are_paired_in_order(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "path,nøkkelord,english\na.jpg,bil;;tog,car;;train\nb.jpg,bil;tog,car\nc.jpg,ku,\n",
    )
    first, second, third = read_rows(path, detect_layout(path))
    assert first.english == (("bil", "car"), ("tog", "train"))
    assert (second.english, second.unpaired) == ((), True)
    assert (third.english, third.unpaired) == ((), False)


def test_the_person_overrides_the_layout(tmp_path: Path) -> None:
    path = write(tmp_path, "bilde,a,b\nx.jpg,tank, snø\ny.jpg,,skip\n")
    layout = TableLayout(
        TableFormat.TEXT, 0, (1, 2), "", header=("bilde", "a", "b"), encoding="utf-8", delimiter=","
    )
    assert labels(path, layout) == {"x.jpg": ("tank", "snø"), "y.jpg": ("skip",)}


@pytest.mark.parametrize(
    ("path_column", "keyword_columns", "english"),
    [(0, (0,), None), (-1, (1,), None), (0, (1, 1), None), (0, (1,), 1)],
)
def test_a_column_has_one_purpose(
    path_column: int, keyword_columns: tuple[int, ...], english: int | None
) -> None:
    with pytest.raises(TableError, match="one purpose only"):
        TableLayout(TableFormat.TEXT, path_column, keyword_columns, ";", english_column=english)


def test_preview_says_what_an_import_would_do(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "path,keywords\na.jpg,tank;snø\nA.JPG,Tank;skog\nc.jpg,skip\n"
        f"b.jpg,{'x' * 201};fly,extra\nlost.jpg,tank\n,tank\n"
        "e.jpg,\nf.jpg,\ng.jpg,\nh.jpg,\ni.jpg,\n",
    )
    index = PathIndex([f"{letter}.jpg" for letter in "abcdefghi"], tmp_path, tmp_path)
    found = preview(path, detect_layout(path), index, Silent())
    assert (found.rows, found.matched, found.without_row) == (11, 9, ("d.jpg",))
    assert found.unmatched == ("row 6: lost.jpg", "row 7: (no path)")
    assert (found.labels, found.keywords) == (5, 5)
    assert found.first_rows[:2] == (("path", "keywords"), ("a.jpg", "tank;snø"))
    assert [warning.split()[0] for warning in found.warnings] == ["1", "1", "1"]
    assert "another row names too" in found.warnings[0]
    assert "more cells than the header" in found.warnings[1]
    assert "longer than 200 characters" in found.warnings[2]


def test_preview_warns_of_what_is_doubtful(tmp_path: Path) -> None:
    path = write(tmp_path, 'path,keywords\nx.jpg,"Missil (SAM), bakke-til-luft"\na.jpg,"b, c"\n')
    found = preview(path, detect_layout(path), PathIndex([], tmp_path, tmp_path), Silent())
    assert found.warnings == ("No row names an image of this archive.",)
    index = PathIndex(["a.jpg", "x.jpg"], tmp_path, tmp_path)
    found = preview(path, detect_layout(path), index, Silent())
    assert found.warnings == (
        "Some keywords contain a comma or a slash, which is taken as part of them.",
    )


def test_xlsx_values_are_text(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "table.xlsx",
        [["fil", "nøkkelord"], ["a.jpg", "blåbær; ærfugl"], ["b.jpg", 1984.0], ["c.jpg", None]],
    )
    layout = detect_layout(path)
    assert (layout.format, layout.sheet, layout.keyword_separator) == (
        TableFormat.XLSX,
        "Sheet",
        ";",
    )
    assert labels(path) == {"a.jpg": ("blåbær", "ærfugl"), "b.jpg": ("1984",), "c.jpg": ()}


def test_xlsx_takes_the_first_sheet_with_a_table(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "table.xlsx", [["Notes about the archive"]], Ord=[["a.jpg", "x"], ["b.jpg", "y"]]
    )
    assert detect_layout(path).sheet == "Ord"
    assert labels(path) == {"a.jpg": ("x",), "b.jpg": ("y",)}


def test_xlsx_gives_the_values_of_formulas_not_the_formulas(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", [["fil", "ord"], ["a.jpg", '="x"&"y"'], ["b.jpg", "z"]])
    # openpyxl stores no value for a formula it writes, so there is none to read.
    assert labels(path) == {"a.jpg": (), "b.jpg": ("z",)}


def test_the_file_name_does_not_matter(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", [["a.jpg", "x"]]).rename(tmp_path / "t.csv")
    assert detect_layout(path).format is TableFormat.XLSX
    assert detect_layout(write(tmp_path, NORWEGIAN, "t.xlsx")).format is TableFormat.TEXT


_WORD = (
    st.text("abcæøåÆØÅé -()", min_size=1, max_size=10)
    .map(lambda t: " ".join(t.split()))
    .filter(bool)
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(_WORD, min_size=2, max_size=5, unique=True), min_size=2, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    separator=st.sampled_from(";|\n"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1252"]),
    header=st.booleans(),
)
def test_round_trip(
    tmp_path: Path,
    rows: list[list[str]],
    delimiter: str,
    separator: str,
    encoding: str,
    header: bool,
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    if header:
        writer.writerow(["path", "keywords"])
    expected = {}
    for number, words in enumerate(rows):
        writer.writerow([f"mappe/bilde {number}.jpg", separator.join(words)])
        expected[f"mappe/bilde {number}.jpg"] = tuple(words)
    assert labels(write(tmp_path, stream.getvalue().encode(encoding))) == expected


@pytest.mark.parametrize("kind", ["text", "xlsx"])
def test_random_damage_raises_nothing_but_table_errors(tmp_path: Path, kind: str) -> None:
    rows = [["path", "keywords"], *([f"{n}.jpg", f'"x"; {n}'] for n in range(8))]
    if kind == "xlsx":
        data = write_xlsx(tmp_path / "whole.xlsx", rows).read_bytes()
    else:
        data = "\n".join(",".join(row) for row in rows).encode()
    chance = random.Random(7)
    for number in range(80):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if number % 4 == 0:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            list(read_rows(path := write(tmp_path, bytes(damaged)), detect_layout(path)))
        except TableError as error:
            assert error.remedy  # noqa: PT017


@pytest.mark.photographs
@pytest.mark.parametrize(
    ("name", "images", "keywords"),
    [("aircraft", 8275, 110), ("emoji_nb", 1360, 3361), ("tuxpaint_nb", 742, 102)],
)
def test_the_real_tables(aircraft: Path, name: str, images: int, keywords: int) -> None:
    rows = list(read_rows(path := aircraft.parent / name / "labels.csv", detect_layout(path)))
    assert len(rows) == images
    assert len({keyword for row in rows for keyword in row.keywords}) == keywords
