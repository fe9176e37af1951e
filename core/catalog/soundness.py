"""Does a catalog hold only what this program writes? Looked at when something has gone wrong.

SQLite keeps any value in any column, and a damaged or hostile file may hold texts for numbers,
states that do not exist, and moments that are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, DateTime, Enum, Float, Integer, inspect
from sqlalchemy.types import TypeEngine

from core.catalog import migrate, sqlite
from core.catalog.schema import EventKind, events, metadata

_NO_STEP = (
    f"SELECT 1 FROM events WHERE kind <> '{EventKind.RESET}'"
    " AND subject NOT IN (SELECT id FROM steps) LIMIT 1"
)


def faults(connection: Connection) -> list[str]:
    """What is wrong with the file, its tables and their values; a few faults at most."""
    is_newest = migrate.is_newest(connection)
    missing = [*_missing(connection)] if is_newest else []
    found = missing or sqlite.faults(connection)
    return found if found or not is_newest else [*_unsound_values(connection)]


def _missing(connection: Connection) -> Iterator[str]:
    """Tables and columns that are not there."""
    there = inspect(connection)
    tables = set(there.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            yield f"it has no table {table.name}"
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                yield f"its table {table.name} has no column {column.name}"


def _unsound_values(connection: Connection) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            wrong = f'SELECT 1 FROM "{table.name}" WHERE NOT ({_is_sound(column)}) LIMIT 1'
            if connection.exec_driver_sql(wrong).first() is not None:
                yield f"{table.name}.{column.name} has a value that cannot be"
    if connection.exec_driver_sql(_NO_STEP).first() is not None:
        yield "an event belongs to no step"


def _is_sound(column: Column[Any]) -> str:
    """SQL that is true for values which the program can read."""
    name = f'"{column.name}"'
    sound = f"typeof({name}) IN ({_quoted(_storage_classes(column.type))})"
    if isinstance(column.type, Enum):
        sound += f" AND {name} IN ({_quoted(column.type.enums)})"
    if column is events.c.images:
        sound += f" AND json_valid({name})"
    if isinstance(getattr(column.type, "impl", column.type), DateTime):
        sound += f" AND datetime({name}) IS NOT NULL AND length({name}) >= 19"
    return f"{name} IS NULL OR ({sound})" if column.nullable else sound


def _storage_classes(kind: TypeEngine[Any]) -> tuple[str, ...]:
    """What SQLite calls the values of a column of this kind."""
    if isinstance(kind, Integer | Boolean):
        return ("integer",)
    return ("real", "integer") if isinstance(kind, Float) else ("text",)


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
