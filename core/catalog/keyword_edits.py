"""Editing the vocabulary: names, synonyms, status, and two keywords made one.

Every function is one step of the journal. Labels belong to keywords, not to names, so they follow
a keyword wherever its name goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from core.catalog import journal
from core.catalog import keywords as vocabulary
from core.catalog.database import Catalog
from core.catalog.schema import labels
from core.catalog.text import clean_name, fold
from core.errors import KeywordError
from core.types import (
    POSITIVE_VERDICTS,
    Changes,
    ImageId,
    Keyword,
    KeywordId,
    KeywordStatus,
    Verdict,
)

_STRENGTH = (Verdict.ACCEPTED, Verdict.IMPORTED, Verdict.REJECTED, Verdict.UNSURE)
"""Of two labels that become one, the earlier of these stays: what an image shows, it keeps."""


@dataclass(frozen=True, slots=True)
class KeywordEdit:
    """What a keyword is to be; a part that is None stays as it is. ``en`` "" takes the name away.

    ``keyword`` None makes a new keyword, called ``no``.
    """

    keyword: KeywordId | None
    no: str | None = None
    en: str | None = None
    status: KeywordStatus | None = None
    synonyms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do to images.

    ``gain`` images get the keyword that stays, ``have`` carry it already, and on ``contradicted``
    it is said to be wrong or unsure, but one that is merged is there: they get it too.
    """

    gain: int
    have: int
    contradicted: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A keyword with its synonyms; ``names`` are all the texts that stand for it."""

    keyword: Keyword
    synonyms: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        return {fold(name) for name in (self.keyword.no, *self.synonyms)}


def edit_keywords(catalog: Catalog, edits: Sequence[KeywordEdit], by: str, title: str) -> Changes:
    """Edit keywords, or make new ones, as one step called ``title``.

    The Norwegian name of before becomes a synonym, so that a table with it is still understood;
    names may be exchanged between keywords. Raises :class:`KeywordError` for an empty name, an
    unknown keyword, or a Norwegian name or synonym that stands for another keyword: then nothing
    is changed.
    """
    with catalog.write() as connection:
        before = _entries(connection)
        after = dict(before)
        for edit in edits:
            key = edit.keyword
            if key is None:
                made = _make(connection, edit, after)
                key, after[made.id] = made.id, _Entry(made, ())
            elif key not in after:
                raise _unknown(key)
            after[key] = _edited(after[key], edit)
        after = _without_given_away(before, after)
        _require_different_names(after)
        return journal.record_edits(
            connection, title, by, _keyword_rows(before, after), _synonym_rows(before, after)
        )


def merge_keywords(
    catalog: Catalog, kept: KeywordId, merged: Sequence[KeywordId], by: str, title: str
) -> Changes:
    """Make keywords one, as one step: ``kept`` takes the labels and the names of the others.

    An image that carries any of them carries ``kept``, by whom and when it was said; the names of
    ``merged`` become its synonyms, so that a table with them is still understood. If ``kept`` has
    no English name, it takes one of theirs. Raises :class:`KeywordError` for unknown keywords and
    for one merged into itself.
    """
    with catalog.write() as connection:
        before = _entries(connection)
        others = _known(before, kept, merged)
        after = {key: entry for key, entry in before.items() if key not in others}
        after[kept] = _merged(before[kept], [before[key] for key in others])
        return journal.record_edits(
            connection,
            title,
            by,
            _keyword_rows(before, after),
            _synonym_rows(before, after),
            _moved_labels(connection, kept, others),
        )


def preview_merge(catalog: Catalog, kept: KeywordId, merged: Sequence[KeywordId]) -> MergePreview:
    """Count what :func:`merge_keywords` would change; nothing is written."""
    with catalog.read() as connection:
        others = _known(_entries(connection), kept, merged)
        said = _labels_by_image(connection, [kept, *others])
    positive = [
        of_kept[0].verdict if (of_kept := [one for one in found if one.keyword == kept]) else None
        for found in said.values()
        if any(one.verdict in POSITIVE_VERDICTS for one in found)
    ]
    have = sum(verdict in POSITIVE_VERDICTS for verdict in positive)
    contradicted = sum(
        verdict is not None and verdict not in POSITIVE_VERDICTS for verdict in positive
    )
    return MergePreview(len(positive) - have - contradicted, have, contradicted)


# names ----------------------------------------------------------------------------------------


def _entries(connection: Connection) -> dict[KeywordId, _Entry]:
    names = vocabulary.other_names(connection)
    return {
        keyword.id: _Entry(keyword, names.get(keyword.id, ()))
        for keyword in vocabulary.vocabulary(connection)
    }


def _known(
    entries: Mapping[KeywordId, _Entry], kept: KeywordId, merged: Sequence[KeywordId]
) -> list[KeywordId]:
    others = list(dict.fromkeys(merged))
    if kept in others or not others:
        raise KeywordError("A merge needs two different keywords.", "Choose another one.")
    for keyword in (kept, *others):
        if keyword not in entries:
            raise _unknown(keyword)
    return others


def _make(
    connection: Connection, edit: KeywordEdit, entries: Mapping[KeywordId, _Entry]
) -> Keyword:
    name = clean_name(edit.no or "")
    for entry in entries.values():
        if fold(name) in entry.names:
            raise _taken(name, entry.keyword)
    return vocabulary.create(connection, name, edit.status or KeywordStatus.CONFIRMED)


def _edited(entry: _Entry, edit: KeywordEdit) -> _Entry:
    before = entry.keyword
    no = before.no if edit.no is None else clean_name(edit.no)
    en = before.en if edit.en is None else clean_name(edit.en) if edit.en.strip() else None
    names = entry.synonyms if edit.synonyms is None else edit.synonyms
    if fold(no) != fold(before.no):
        names = (*names, before.no)
    keyword = replace(before, no=no, en=en, status=edit.status or before.status)
    return _Entry(keyword, _distinct(names, no))


def _merged(kept: _Entry, others: Sequence[_Entry]) -> _Entry:
    keyword = kept.keyword
    english = [other.keyword.en for other in others if other.keyword.en]
    if keyword.en is None and english:
        keyword = replace(keyword, en=english[0])
    names = [name for other in others for name in (other.keyword.no, *other.synonyms)]
    return _Entry(keyword, _distinct((*kept.synonyms, *names), keyword.no))


def _distinct(names: Sequence[str], no: str) -> tuple[str, ...]:
    """Names that differ from each other and from the keyword's own, alphabetically."""
    by_fold = {fold(name): name for name in map(clean_name, names)}
    by_fold.pop(fold(no), None)
    return tuple(by_fold[folded] for folded in sorted(by_fold))


def _without_given_away(
    before: Mapping[KeywordId, _Entry], after: Mapping[KeywordId, _Entry]
) -> dict[KeywordId, _Entry]:
    """A former name that another keyword has now is no synonym."""
    own = {fold(entry.keyword.no): key for key, entry in after.items()}
    cleared = dict(after)
    for key in before.keys() & after.keys():
        former = fold(before[key].keyword.no)
        if own.get(former, key) != key:
            kept = tuple(name for name in after[key].synonyms if fold(name) != former)
            cleared[key] = replace(after[key], synonyms=kept)
    return cleared


def _require_different_names(entries: Mapping[KeywordId, _Entry]) -> None:
    own = {fold(entry.keyword.no): entry.keyword for entry in entries.values()}
    if len(own) < len(entries):
        for entry in entries.values():
            if own[fold(entry.keyword.no)] is not entry.keyword:
                raise _taken(entry.keyword.no, own[fold(entry.keyword.no)])
    seen: dict[str, Keyword] = dict(own)
    for entry in entries.values():
        for name in entry.synonyms:
            if seen.setdefault(fold(name), entry.keyword) is not entry.keyword:
                raise _taken(name, seen[fold(name)])


def _unknown(keyword: KeywordId) -> KeywordError:
    return KeywordError(f"There is no keyword {keyword} any more.", "Look at the keywords again.")


def _taken(name: str, other: Keyword) -> KeywordError:
    return KeywordError(
        f"“{name}” stands for the keyword “{other.no}” already.",
        "Merge the two, or choose another name.",
    )


# rows of the journal --------------------------------------------------------------------------


def _keyword_rows(
    before: Mapping[KeywordId, _Entry], after: Mapping[KeywordId, _Entry]
) -> list[dict[str, Any]]:
    rows = []
    for key in sorted(before.keys() | after.keys()):
        old = before[key].keyword if key in before else None
        new = after[key].keyword if key in after else None
        if old != new:
            rows.append(
                {
                    "keyword": key,
                    "before_no": old and old.no,
                    "before_en": old and old.en,
                    "before_status": old and old.status,
                    "after_no": new and new.no,
                    "after_en": new and new.en,
                    "after_status": new and new.status,
                }
            )
    return rows


def _synonym_rows(
    before: Mapping[KeywordId, _Entry], after: Mapping[KeywordId, _Entry]
) -> list[dict[str, Any]]:
    rows = []
    for key in sorted(before.keys() | after.keys()):
        old = set(before[key].synonyms) if key in before else set()
        new = set(after[key].synonyms) if key in after else set()
        for name in sorted(old ^ new):
            rows.append({"keyword": key, "name": name, "is_added": name in new})
    return rows


def _labels_by_image(
    connection: Connection, keywords: Sequence[KeywordId]
) -> dict[ImageId, list[Row[Any]]]:
    found: dict[ImageId, list[Row[Any]]] = {}
    statement = select(labels).where(labels.c.keyword.in_(keywords))
    for row in connection.execute(statement.order_by(labels.c.image)):
        found.setdefault(ImageId(row.image), []).append(row)
    return found


def _moved_labels(
    connection: Connection, kept: KeywordId, others: Sequence[KeywordId]
) -> list[dict[str, Any]]:
    """Rows of ``label_changes`` that put the labels of ``others`` on ``kept``."""
    rows: list[dict[str, Any]] = []
    for found in _labels_by_image(connection, [kept, *others]).values():
        strongest = min(
            found, key=lambda one: (_STRENGTH.index(one.verdict), one.keyword != kept, one.at)
        )
        mine = next((one for one in found if one.keyword == kept), None)
        if strongest is not mine:
            rows.append(_label_row(strongest.image, kept, mine, strongest))
        rows += [
            _label_row(one.image, one.keyword, one, None) for one in found if one.keyword != kept
        ]
    return rows


def _label_row(
    image: ImageId, keyword: KeywordId, before: Row[Any] | None, after: Row[Any] | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"image": image, "keyword": keyword}
    for name in ("verdict", "by", "at", "model", "confidence"):
        row[f"before_{name}"] = None if before is None else getattr(before, name)
        row[f"after_{name}"] = None if after is None else getattr(after, name)
    return row
