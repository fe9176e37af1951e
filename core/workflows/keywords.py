"""The vocabulary as people edit it. Every function that writes is one step that can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.catalog import browse, keyword_edits, keywords
from core.catalog.keyword_edits import KeywordEdit, MergePreview
from core.catalog.text import fold
from core.errors import TableError
from core.exchange.vocabulary import VocabularyRow, read_vocabulary, write_vocabulary
from core.types import Changes, Keyword, KeywordId, KeywordRow, KeywordStatus
from core.workflows.backups import back_up_before_many
from core.workflows.label import person
from core.workflows.project import Project


@dataclass(frozen=True, slots=True)
class VocabularyImport:
    """What a table changes: keywords that are edited, made, or the same already."""

    edited: int
    added: int
    unchanged: int
    edits: tuple[KeywordEdit, ...]


def list_keywords(project: Project) -> list[KeywordRow]:
    """Every keyword, the retired ones included, by Norwegian name."""
    counts = {keyword.id: count for keyword, count in browse.keyword_counts(project.catalog)}
    names = keywords.synonyms_of(project.catalog)
    rows = [
        KeywordRow(keyword, names.get(keyword.id, ()), counts.get(keyword.id, 0))
        for keyword in keywords.all_keywords(project.catalog)
    ]
    return sorted(rows, key=lambda row: (fold(row.keyword.no), row.keyword.id))


def rename(project: Project, keyword: Keyword, name: str) -> Changes:
    """Give a keyword another Norwegian name; the one of before becomes a synonym."""
    title = f"Rename “{keyword.no}” to “{name.strip()}”"
    return _edit(project, title, KeywordEdit(keyword.id, no=name))


def name_in_english(project: Project, keyword: Keyword, name: str) -> Changes:
    """Give a keyword another English name, confirmed by whoever gives it; "" takes it away."""
    title = f"English name of “{keyword.no}”"
    status = KeywordStatus.CONFIRMED
    if keyword.status is KeywordStatus.RETIRED or not name.strip():
        status = keyword.status
    return _edit(project, title, KeywordEdit(keyword.id, en=name, status=status))


def set_synonyms(project: Project, keyword: Keyword, names: Sequence[str]) -> Changes:
    """Give a keyword other synonyms."""
    title = f"Synonyms of “{keyword.no}”"
    return _edit(project, title, KeywordEdit(keyword.id, synonyms=tuple(names)))


def set_status(project: Project, chosen: Sequence[Keyword], status: KeywordStatus) -> Changes:
    """Confirm keywords, retire them or take them back.

    A retired keyword stays on its images. It is not suggested, reviewed or searched for any more,
    nor learnt by models from the next preparation on.
    """
    verb = "Retire" if status is KeywordStatus.RETIRED else f"Mark as {status.value}:"
    subject = f"“{chosen[0].no}”" if len(chosen) == 1 else f"{len(chosen)} keywords"
    edits = (KeywordEdit(keyword.id, status=status) for keyword in chosen)
    return _edit(project, f"{verb} {subject}", *edits)


def merge(project: Project, kept: Keyword, merged: Sequence[Keyword]) -> Changes:
    """Make keywords one: ``kept`` takes the labels and the names of the others."""
    names = ", ".join(f"“{keyword.no}”" for keyword in merged)
    title = f"Merge {names} into “{kept.no}”"
    back_up_before_many(project)
    return keyword_edits.merge_keywords(
        project.catalog, kept.id, [keyword.id for keyword in merged], person(), title
    )


def preview_merge(project: Project, kept: Keyword, merged: Sequence[Keyword]) -> MergePreview:
    """Count what :func:`merge` would do to images; nothing is written."""
    return keyword_edits.preview_merge(project.catalog, kept.id, [keyword.id for keyword in merged])


def export_table(project: Project, path: Path) -> int:
    """Write the vocabulary as CSV; how many keywords. Raises :class:`StorageError`."""
    rows = list_keywords(project)
    write_vocabulary(path, ((row.keyword, row.synonyms, row.images) for row in rows))
    return len(rows)


def preview_import(project: Project, path: Path) -> VocabularyImport:
    """What :func:`import_table` would change; nothing is written.

    A row is about the keyword of its Norwegian name, or else about the one keyword that a synonym
    in it stands for: that one is renamed. Raises :class:`TableError` for a row about two keywords,
    and for two rows about one.
    """
    known = {row.keyword.id: row for row in list_keywords(project)}
    by_name = {
        fold(name): row for row in known.values() for name in (*row.synonyms, row.keyword.no)
    }
    seen: dict[KeywordId | str, int] = {}
    edits: list[KeywordEdit] = []
    added = unchanged = 0
    for row in read_vocabulary(path):
        found = _meant(row, by_name)
        key = fold(row.no) if found is None else found.keyword.id
        if key in seen:
            raise TableError(
                f"Lines {seen[key]} and {row.line} are about the same keyword.",
                "Make them one line.",
            )
        seen[key] = row.line
        if found is not None and _says_nothing_new(row, found):
            unchanged += 1
            continue
        added += found is None
        keyword = None if found is None else found.keyword.id
        edits.append(KeywordEdit(keyword, row.no, row.en, row.status, row.synonyms))
    return VocabularyImport(len(edits) - added, added, unchanged, tuple(edits))


def import_table(project: Project, path: Path) -> tuple[VocabularyImport, Changes]:
    """Take names, synonyms and status of keywords from a table, as one step.

    Raises what :func:`preview_import` raises, and :class:`core.errors.KeywordError` for a name that
    stands for another keyword: then nothing is changed.
    """
    found = preview_import(project, path)
    back_up_before_many(project)
    return found, _edit(project, f"Import {path.name}", *found.edits)


def _meant(row: VocabularyRow, by_name: dict[str, KeywordRow]) -> KeywordRow | None:
    own = by_name.get(fold(row.no))
    if own is not None and fold(own.keyword.no) == fold(row.no):
        return own
    others = {
        found.keyword.id: found
        for name in (row.no, *(row.synonyms or ()))
        if (found := by_name.get(fold(name))) is not None
    }
    if len(others) > 1:
        names = " and ".join(found.keyword.no for found in others.values())
        raise TableError(f"Line {row.line} is about {names}.", "Merge the two first.")
    return next(iter(others.values()), None)


def _says_nothing_new(row: VocabularyRow, found: KeywordRow) -> bool:
    keyword = found.keyword
    return (
        row.no == keyword.no
        and row.en in (None, keyword.en or "")
        and row.status in (None, keyword.status)
        and (row.synonyms is None or set(row.synonyms) == set(found.synonyms))
    )


def _edit(project: Project, title: str, *edits: KeywordEdit) -> Changes:
    return keyword_edits.edit_keywords(project.catalog, edits, person(), title)
