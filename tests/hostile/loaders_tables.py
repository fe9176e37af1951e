"""Tables and texts that people hand over: keywords, the vocabulary, answers, a glossary."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from loader import Loader
from mutations import mutate

from core.exchange import tables
from core.exchange.pair_answers import read_answers
from core.exchange.paths import PathIndex
from core.exchange.vocabulary import read_vocabulary
from core.progress import Silent
from core.translation.glossary import load_glossary

PATHS = ("a.jpg", "mappe/blåbær.jpg", "mappe/c d.tif", "e.png")
_TABLE = (
    "sti;nøkkelord;english\na.jpg;bil, blå;car, blue\nmappe/blåbær.jpg;båt;boat\n"
    '"mappe/c d.tif";"fly (MiG-29), ""rødt""";"plane, red"\nukjent.jpg;bil;car\n;;\n'
)
_VOCABULARY = (
    "no,en,synonyms,status,images\nbil,car,kjøretøy; vogn,confirmed,3\nbåt,boat,,machine,1\n"
    "'=1+1,,,retired,0\n"
)
_ANSWERS = "first,second,duplicate\na.jpg,e.png,yes\nmappe/blåbær.jpg,a.jpg,nei\n"
_GLOSSARY = "# mine\nbil\tcar\nstor\tbig;large\tbig\tadj\nog\tand\t\tfunction\nMiG-29\n"


def _texts(text: str) -> list[bytes]:
    return [
        *(text.encode(), text.encode("utf-8-sig"), text.encode("windows-1252")),
        *(text.encode("utf-16"), text.encode("utf-16-be"), text.replace("\n", "\r\n").encode()),
        *(text.replace(",", "\t").encode(), f"sep=;\n{text}".encode(), text.encode() * 40),
    ]


def _table_seeds(_folder: Path) -> list[bytes]:
    return _texts(_TABLE)


def _vocabulary_seeds(folder: Path) -> list[bytes]:
    return [*_texts(_VOCABULARY), *_workbooks(folder, _VOCABULARY.replace(",", ";"))]


def _answer_seeds(_folder: Path) -> list[bytes]:
    return _texts(_ANSWERS)


def _glossary_seeds(_folder: Path) -> list[bytes]:
    return [_GLOSSARY.encode(), _GLOSSARY.encode("utf-8-sig"), _GLOSSARY.encode() * 20]


def _workbook_seeds(folder: Path) -> list[bytes]:
    return _workbooks(folder, _TABLE)


def _workbooks(_folder: Path, text: str) -> list[bytes]:
    found = []
    for compression in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        book = openpyxl.Workbook()
        for line in text.splitlines():
            book.active.append(line.split(";"))
        book.create_sheet("Ark 2").append(["=1+1", 3.5, None, True])
        buffer = io.BytesIO()
        book.save(buffer)
        found.append(_repacked(buffer.getvalue(), compression))
    return found


def _repacked(data: bytes, compression: int) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", compression) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


def mutate_workbook(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Every second time the parts are damaged and packed soundly, else the archive itself."""
    if rng.random() < 0.5:
        return mutate(data, others, rng)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:  # a seed that is no workbook
        return mutate(data, others, rng)
    for name in rng.sample(sorted(parts), rng.choice((1, 1, 2))):
        parts[name] = mutate(parts[name], list(parts.values()), rng)
    if rng.random() < 0.02:
        parts[rng.choice(("../../escaped", "/escaped", "[Content_Types].xml"))] = b"x"
    if rng.random() < 0.02:
        parts[f"xl/{rng.choice(('worksheets/sheet1', 'sharedStrings', 'bomb'))}.xml"] = bytes(2**22)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _table(folder: Path, data: bytes) -> None:
    path = folder / "table"
    path.write_bytes(data)
    layout = tables.detect_layout(path)
    found = tables.preview(path, layout, PathIndex(PATHS, folder, folder), Silent())
    assert found.matched <= found.rows
    matched = tables.match_table(path, layout, PathIndex(PATHS, folder, folder), Silent())
    assert set(matched.labels) <= set(PATHS)
    for row in tables.read_rows(path, layout):
        assert all(row.keywords)


def _vocabulary(folder: Path, data: bytes) -> None:
    path = folder / "vocabulary"
    path.write_bytes(data)
    assert all(row.no for row in read_vocabulary(path))


def _answers(folder: Path, data: bytes) -> None:
    path = folder / "answers"
    path.write_bytes(data)
    for _ in read_answers(path):
        pass


def _glossary(folder: Path, data: bytes) -> None:
    path = folder / "glossary.tsv"
    path.write_bytes(data)
    load_glossary(path)


LOADERS = (
    Loader("table: CSV and TSV", 18, _table_seeds, _table),
    Loader("table: XLSX", 5, _workbook_seeds, _table, mutate_workbook),
    Loader("vocabulary", 5, _vocabulary_seeds, _vocabulary, mutate_workbook),
    Loader("answers about pairs", 4, _answer_seeds, _answers),
    Loader("glossary", 2, _glossary_seeds, _glossary),
)
