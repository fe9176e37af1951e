"""Which schema a database has, and how it gets the present one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema there has been, oldest first; those of ``migrations/versions``."""


def revision(connection: Connection) -> str | None:
    """The schema of the database; None: this is no catalog."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def is_newest(connection: Connection) -> bool:
    """Whether the database says that its schema is the present one."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return REVISIONS[-1] in found


def upgrade(connection: Connection) -> None:
    """Migrate to the newest schema inside the transaction of ``connection``."""
    # Not at the top: most often nothing is to be migrated, and Alembic takes long to import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
