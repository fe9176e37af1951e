"""What is said about keywords on images: imported from tables, decided by people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.catalog import journal
from core.catalog import keywords as vocabulary
from core.catalog.database import Catalog
from core.catalog.rows import chunks, fetch_integers
from core.catalog.schema import keywords, labels, synonyms
from core.catalog.text import clean_name, fold
from core.types import (
    POSITIVE_VERDICTS,
    Changes,
    Decision,
    ImageId,
    ImageIds,
    Keyword,
    KeywordId,
    KeywordStatus,
    Label,
    Verdict,
)

IMPORT_TITLE = "Import keywords"
_FEW_KEYWORDS = 8

_COLUMNS = [labels.c[field.name] for field in fields(Label)]
_OF_IMAGES = (
    select(*_COLUMNS)
    .where(labels.c.image.in_(bindparam("images", expanding=True)))
    .order_by(labels.c.image, labels.c.keyword)
)
"""Built once: it takes longer than running it for a few images."""
_OF_IMAGES_AND_KEYWORDS = _OF_IMAGES.where(
    labels.c.keyword.in_(bindparam("keywords", expanding=True))
)


@dataclass(frozen=True, slots=True)
class ImportedLabels:
    """What an import added."""

    changes: Changes
    labels_added: int
    keywords_added: int


def labels_of(catalog: Catalog, ids: Sequence[ImageId]) -> dict[ImageId, tuple[Label, ...]]:
    """All labels of each of the images, by keyword id; () for an image without any."""
    found: dict[ImageId, list[Label]] = {ImageId(int(i)): [] for i in ids}
    with catalog.read() as connection:
        for chunk in chunks(list(found)):
            for row in connection.execute(_OF_IMAGES, {"images": chunk}):
                found[row.image].append(Label(*row))
    return {image: tuple(of_image) for image, of_image in found.items()}


def positive_labels(catalog: Catalog) -> tuple[ImageIds, ImageIds]:
    """Image ids (m,) and keyword ids (m,) of all positive labels, sorted by image, keyword."""
    return _pairs(catalog, POSITIVE_VERDICTS)


def rejected_labels(catalog: Catalog) -> tuple[ImageIds, ImageIds]:
    """Image ids (m,) and keyword ids (m,) of all rejected labels, sorted by image, keyword."""
    return _pairs(catalog, {Verdict.REJECTED})


def verdicts_on(catalog: Catalog, keyword: KeywordId) -> dict[ImageId, Verdict]:
    """What is said about one keyword, by image; images nothing is said about are left out."""
    statement = select(labels.c.image, labels.c.verdict).where(labels.c.keyword == keyword)
    with catalog.read() as connection:
        return {ImageId(image): verdict for image, verdict in connection.execute(statement)}


def decide(catalog: Catalog, decisions: Sequence[Decision], by: str, title: str) -> Changes:
    """Set or clear labels as one step of the journal; on the disk when this returns.

    A label that has the verdict already is left as it is, with whom and when; of several
    decisions on the same label the last one counts. Raises :class:`ProjectError` when an image
    or a keyword does not exist: then nothing is changed.
    """
    with catalog.write() as connection:
        return journal.record(connection, title, by, _changes(connection, decisions))


def decide_by_name(
    catalog: Catalog, images: Sequence[ImageId], name_no: str, by: str, title: str
) -> tuple[Keyword, Changes]:
    """Accept the keyword with this name on the images, as one step of the journal.

    A keyword that has the name in either language is taken, else a new one is made, confirmed.
    Raises :class:`KeywordError` for an empty name.
    """
    clean_name(name_no)
    with catalog.write() as connection:
        keyword = vocabulary.named(connection, name_no)
        created = []
        if keyword is None:
            keyword = vocabulary.create(connection, name_no, KeywordStatus.CONFIRMED)
            created.append(keyword)
        wanted = [Decision(image, keyword.id, Verdict.ACCEPTED) for image in images]
        changed = _changes(connection, wanted)
        return keyword, journal.record(connection, title, by, changed, created)


def import_labels(
    catalog: Catalog,
    rows: Iterable[tuple[ImageId, Sequence[str]]],
    by: str,
    english: Mapping[str, str] = MappingProxyType({}),
) -> ImportedLabels:
    """Add the keywords of a table, given by Norwegian name, as one step of the journal.

    A label that exists, whatever its verdict, is left as it is: an import never overrides a
    person. A synonym stands for its keyword. New names become keywords, with the name that
    ``english`` has for them. Existing English names are not looked at: a word may mean one thing in
    each language. Raises :class:`KeywordError` for an empty name.
    """
    return _import(catalog, rows, by, english, journal.record)


def import_more_labels(
    catalog: Catalog,
    rows: Iterable[tuple[ImageId, Sequence[str]]],
    by: str,
    english: Mapping[str, str] = MappingProxyType({}),
) -> ImportedLabels:
    """Like :func:`import_labels`, as a part of the last import: a batch is no step of its own."""
    return _import(catalog, rows, by, english, journal.extend)


def _import(
    catalog: Catalog,
    rows: Iterable[tuple[ImageId, Sequence[str]]],
    by: str,
    english: Mapping[str, str],
    keep: Callable[..., Changes],
) -> ImportedLabels:
    table = list(rows)  # Reading it may take long, and nobody else can write meanwhile.
    with catalog.write() as connection:
        wanted, created = _name_keywords(connection, table, english)
        changed = _changes(connection, wanted, only_new=True)
        changes = keep(connection, IMPORT_TITLE, by, changed, created)
    return ImportedLabels(changes, len(changed), len(created))


def _pairs(catalog: Catalog, verdicts: Iterable[Verdict]) -> tuple[ImageIds, ImageIds]:
    statement = select(labels.c.image, labels.c.keyword).where(labels.c.verdict.in_(verdicts))
    with catalog.read() as connection:
        image, keyword = fetch_integers(
            connection, statement.order_by(labels.c.image, labels.c.keyword)
        )
    return image, keyword


def _name_keywords(
    connection: Connection,
    rows: Iterable[tuple[ImageId, Sequence[str]]],
    english: Mapping[str, str],
) -> tuple[list[Decision], list[Keyword]]:
    """The rows of a table with ids for names, and the keywords made for new names."""
    other = select(synonyms.c.name_folded, synonyms.c.keyword)
    own = select(keywords.c.no_folded, keywords.c.id)
    known = {
        folded: KeywordId(keyword)
        for statement in (other, own)
        for folded, keyword in connection.execute(statement)
    }
    created: list[Keyword] = []

    @cache
    def keyword_of(name: str) -> KeywordId:
        folded = fold(clean_name(name))
        if folded not in known:
            created.append(
                vocabulary.create(connection, name, KeywordStatus.IMPORTED, english.get(name))
            )
            known[folded] = created[-1].id
        return known[folded]

    wanted = [
        Decision(image, keyword_of(name), Verdict.IMPORTED)
        for image, names in rows
        for name in names
    ]
    return wanted, created


def _changes(
    connection: Connection, decisions: Sequence[Decision], *, only_new: bool = False
) -> list[dict[str, Any]]:
    """Rows of ``label_changes`` for the decisions that change something."""
    wanted = {(int(d.image), int(d.keyword)): d for d in decisions}
    changed: list[dict[str, Any]] = []
    for chunk in chunks(list(wanted.items())):
        present = _present(connection, [pair for pair, _ in chunk])
        for pair, decision in chunk:
            before = present.get(pair)
            if before is None:
                if decision.verdict is not None:
                    changed.append(_change(pair, decision, None))
            elif not only_new and before.verdict is not decision.verdict:
                changed.append(_change(pair, decision, before))
    return changed


def _present(
    connection: Connection, pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Row[Any]]:
    given = {"images": list({image for image, _ in pairs})}
    statement = _OF_IMAGES
    # Every image is looked up with every keyword: good for one keyword, bad for a whole table.
    if len(some := {keyword for _, keyword in pairs}) <= _FEW_KEYWORDS:
        statement, given["keywords"] = _OF_IMAGES_AND_KEYWORDS, list(some)
    return {(row.image, row.keyword): row for row in connection.execute(statement, given)}


def _change(pair: tuple[int, int], decision: Decision, before: Row[Any] | None) -> dict[str, Any]:
    confidence = decision.confidence
    return {
        "image": pair[0],
        "keyword": pair[1],
        "before_verdict": before and before.verdict,
        "before_by": before and before.by,
        "before_at": before and before.at,
        "before_model": before and before.model,
        "before_confidence": before and before.confidence,
        "after_verdict": decision.verdict,
        "after_model": decision.model,
        "after_confidence": None if confidence is None else float(confidence),
    }
