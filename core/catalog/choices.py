"""What a project uses at present, by name; choosing is a step of the journal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from core.catalog import journal
from core.catalog.database import Catalog
from core.catalog.schema import choices
from core.types import Changes

PREPARATION = "preparation"
EXPERIMENT = "experiment"
PREPARATION_SETTINGS = "preparation-settings"
"""How the preparation was made: so the decision log has it, which has no preparations."""
_LAST_ROW = (1 << 63) - 1


def choose(catalog: Catalog, name: str, value: str, by: str, title: str) -> Changes:
    """Use ``value`` from now on, as one step of the journal; "" uses nothing."""
    return choose_together(catalog, {name: value}, by, title)


def choose_together(catalog: Catalog, wanted: Mapping[str, str], by: str, title: str) -> Changes:
    """Several choices, by name, as one step; none if all are as they were."""
    with catalog.write() as connection:
        before = {name: _chosen(connection, name) for name in wanted}
        changed = {
            name: (before[name], value) for name, value in wanted.items() if before[name] != value
        }
        if not changed:
            return Changes()
        return journal.record_choices(connection, title, by, changed)


def chosen(catalog: Catalog, name: str) -> str:
    """What is used at present; "" when nothing was chosen."""
    with catalog.read() as connection:
        return _chosen(connection, name)


def chosen_row(catalog: Catalog, name: str) -> int | None:
    """The row of the catalog that is used at present; None when nothing was chosen.

    Raises ValueError for what is the number of no row.
    """
    value = chosen(catalog, name)
    if not value:
        return None
    number = int(value)
    if not 0 < number <= _LAST_ROW:
        raise ValueError(f"not the number of a row: {value}")
    return number


def all_chosen(catalog: Catalog, prefix: str) -> dict[str, str]:
    """Everything in use whose name starts with ``prefix``: name -> value."""
    wanted = select(choices.c.name, choices.c.value).where(
        choices.c.name.startswith(prefix, autoescape=True)
    )
    with catalog.read() as connection:
        return {row.name: row.value for row in connection.execute(wanted)}


def _chosen(connection: Connection, name: str) -> str:
    return connection.scalar(select(choices.c.value).where(choices.c.name == name)) or ""
