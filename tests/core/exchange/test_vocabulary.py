"""The vocabulary as a table, out and in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.errors import TableError
from core.exchange.vocabulary import VocabularyRow, read_vocabulary, write_vocabulary
from core.types import Keyword, KeywordId, KeywordStatus

CONFIRMED = KeywordStatus.CONFIRMED


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    formula = Keyword(KeywordId(2), '=HYPERLINK("x")', "+1; really", KeywordStatus.MACHINE)
    rows = [
        (Keyword(KeywordId(1), "Øvelse", None, CONFIRMED), (), 3),
        (formula, ("-a", "b, c"), 0),
    ]
    write_vocabulary(path, rows)
    text = path.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "no,en,synonyms,status,images"
    assert "'=HYPERLINK" in text
    assert "'+1" in text
    assert read_vocabulary(path) == [
        VocabularyRow(2, "Øvelse", "", (), CONFIRMED),
        VocabularyRow(3, '=HYPERLINK("x")', "+1; really", ("-a", "b, c"), KeywordStatus.MACHINE),
    ]


def test_columns_that_are_not_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("Engelsk\tNorsk\ntruck\tlastebil\n\n\tbro\n", encoding="cp1252")
    assert read_vocabulary(path) == [
        VocabularyRow(2, "lastebil", "truck"),
        VocabularyRow(4, "bro", ""),
    ]


def test_workbook(tmp_path: Path) -> None:
    path = tmp_path / "words.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["no", "synonyms"])
    book.active.append(["klokke", "klokka; klokken"])
    book.save(path)
    assert read_vocabulary(path) == [VocabularyRow(2, "klokke", None, ("klokka", "klokken"), None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column"),
        ("path,words\na,b\n", "no column"),
        ("no,en\n,truck\n", "Line 2"),
        ("no,status\nbro,sure\n", "unknown status sure"),
    ],
)
def test_unusable_table_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_vocabulary(path)


def test_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_vocabulary(tmp_path / "none.csv")
