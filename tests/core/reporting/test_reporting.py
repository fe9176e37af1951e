"""Reports: tables that no spreadsheet runs, pages that load nothing and escape everything."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageError
from core.reporting.csv_table import plain_cell, safe_cell, write_csv
from core.reporting.figures import Axis, Line, line_plot
from core.reporting.files import writing
from core.reporting.page import Section, Table, render_page, write_page


def test_a_table_reads_back_with_letters_and_separators(tmp_path: Path) -> None:
    rows = [["blåbær, 12 tonn", 0.5], ['"sitat"', 3]]
    write_csv(tmp_path / "t.csv", ["nøkkelord", "verdi"], rows)
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.reader(stream))
    assert read == [["nøkkelord", "verdi"], ["blåbær, 12 tonn", "0.5"], ['"sitat"', "3"]]


RUN = "=+-@＝＋－＠"
hostile = st.text(st.sampled_from([*RUN, *"\t\r\n;,'\" a1"]), max_size=12)


def runs(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula."""
    return cell.strip().startswith(tuple(RUN)) or cell.startswith(("\t", "\r", "\n"))


@given(st.text() | hostile)
def test_no_text_is_left_as_a_formula(text: str) -> None:
    shown = safe_cell(text)
    assert isinstance(shown, str)
    assert not runs(shown)
    # read with semicolons, or without minding quotation marks
    assert not any(cell.strip().startswith(tuple(RUN)) for cell in re.split("[;\r\n]", shown))
    assert shown.replace("'", "") == text.replace("'", "")


@given(st.text() | hostile)
def test_what_was_made_safe_is_read_as_it_was(text: str) -> None:
    assert plain_cell(str(safe_cell(text))) == text


@given(st.lists(st.lists(st.text(max_size=5) | hostile, min_size=2, max_size=4), max_size=5))
def test_no_cell_of_a_written_table_runs(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    rows = [[cell.encode("utf-8", "ignore").decode() for cell in row] for row in rows]
    write_csv(path, ["=a", "b"], rows)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.reader(stream))
    assert not any(runs(cell) for row in read for cell in row)
    assert [[plain_cell(cell) for cell in row] for row in read] == [["=a", "b"], *rows]


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-3.5) == -3.5


def test_a_file_that_fails_halfway_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("earlier")
    with pytest.raises(TypeError), writing(path) as stream:
        stream.writelines(["half", 0])  # type: ignore[list-item]
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "earlier"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_page(tmp_path / "missing" / "page.html", "T", "", [])


def test_a_page_escapes_what_it_is_given_and_loads_nothing() -> None:
    nasty = "<script>alert(1)</script>&"
    table = Table((nasty,), [[nasty], [0.12345], [math.nan], [12_345]], caption=nasty)
    page = render_page(nasty, nasty, [Section(nasty, (nasty,), (table,))])
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert [shown in page for shown in ("0.123", "12\u202f345", "–")] == [True] * 3
    assert not re.search(r"""(src|href)\s*=|url\(|@import""", page)


def test_a_plot_is_an_svg_element_with_its_lines_and_words() -> None:
    lines = [
        Line("one & two", [1, 2, 3], [0.1, 0.2, 0.3], low=[0, 0.1, 0.2], high=[0.2, 0.3, 0.4]),
        Line("limit", [1, 3], [0.2, 0.2], dashed=True),
    ]
    plot = line_plot(lines, Axis("images", logarithmic=True), Axis("F2", limits=(0, 1)))
    root = ElementTree.fromstring(plot)
    assert root.tag.endswith("svg")
    words = {
        (element.text or "").strip() for element in root.iter() if element.tag.endswith("text")
    }
    assert {"images", "F2", "one & two", "limit"} <= words
    assert plot == line_plot(lines, Axis("images", logarithmic=True), Axis("F2", limits=(0, 1)))


def test_numbers_of_a_logarithmic_axis_are_written_out() -> None:
    drawn = line_plot(
        [Line("", [1, 2, 3], [1, 90, 20_000])], Axis("x"), Axis("y", logarithmic=True)
    )
    texts = [one for one in ElementTree.fromstring(drawn).iter() if one.tag.endswith("}text")]
    assert {"1", "100", "10\u202f000"} <= {"".join(one.itertext()).strip() for one in texts}
