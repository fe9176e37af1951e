"""The vocabulary: keywords with their Norwegian and English names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select

from core.catalog.database import Catalog
from core.catalog.schema import keywords, synonyms
from core.catalog.text import clean_name, fold
from core.errors import KeywordError
from core.types import Keyword, KeywordId, KeywordStatus

_COLUMNS = [keywords.c[field.name] for field in fields(Keyword)]


def all_keywords(catalog: Catalog) -> list[Keyword]:
    """Every keyword, the retired ones included, by id."""
    with catalog.read() as connection:
        return vocabulary(connection)


def vocabulary(connection: Connection) -> list[Keyword]:
    """:func:`all_keywords` within a transaction."""
    rows = connection.execute(select(*_COLUMNS).order_by(keywords.c.id))
    found = [Keyword(*row) for row in rows]
    if not all(isinstance(one.no, str) and isinstance(one.en, str | None) for one in found):
        raise TypeError("a keyword's name is no text")  # the catalog says so where it reads
    return found


def synonyms_of(catalog: Catalog) -> dict[KeywordId, tuple[str, ...]]:
    """Other names of the keywords that have any, alphabetically."""
    with catalog.read() as connection:
        return other_names(connection)


def other_names(connection: Connection) -> dict[KeywordId, tuple[str, ...]]:
    """:func:`synonyms_of` within a transaction."""
    found: dict[KeywordId, list[str]] = {}
    statement = select(synonyms.c.keyword, synonyms.c.name)
    for keyword, name in connection.execute(statement.order_by(synonyms.c.name_folded)):
        found.setdefault(KeywordId(keyword), []).append(name)
    return {keyword: tuple(names) for keyword, names in found.items()}


def find_keyword(catalog: Catalog, name: str) -> Keyword | None:
    """The keyword with this Norwegian or else English name, or else this synonym.

    Case and white space are ignored.
    """
    with catalog.read() as connection:
        return named(connection, name)


def named(connection: Connection, name: str) -> Keyword | None:
    """:func:`find_keyword` within a transaction."""
    try:
        folded = fold(clean_name(name))
    except KeywordError:
        return None
    row = connection.execute(_named(folded)).first() or connection.execute(_called(folded)).first()
    return None if row is None else Keyword(*row)


def create(
    connection: Connection, name: str, status: KeywordStatus, english: str | None = None
) -> Keyword:
    """Add a keyword whose Norwegian name is new; the caller journals it."""
    no = clean_name(name)
    en = None if english is None else clean_name(english)
    row = values(no, en, status)
    key = connection.execute(insert(keywords), row).inserted_primary_key
    assert key is not None
    return Keyword(KeywordId(key[0]), no, en, status)


def values(no: str, en: str | None, status: KeywordStatus) -> dict[str, object]:
    """The columns of a keyword but its id."""
    return {
        "no": no,
        "no_folded": fold(no),
        "en": en,
        "en_folded": None if en is None else fold(en),
        "status": status,
    }


def _named(folded: str) -> Select[Any]:
    matches = or_(keywords.c.no_folded == folded, keywords.c.en_folded == folded)
    norwegian_first = (keywords.c.no_folded != folded, keywords.c.id)
    return select(*_COLUMNS).where(matches).order_by(*norwegian_first).limit(1)


def _called(folded: str) -> Select[Any]:
    same = synonyms.c.name_folded == folded
    return select(*_COLUMNS).join(synonyms, synonyms.c.keyword == keywords.c.id).where(same)
