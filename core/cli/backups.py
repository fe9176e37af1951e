"""``clipkw backup``, ``restore``, ``rebuild`` and ``mend``: kept, put back, built anew."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.project import ProjectFolder, named_folder, open_named
from core.cli.terminal import progress, say, tell
from core.workflows import backups, integrity, recovery
from core.workflows.backups import BackupReason, ListedBackup
from core.workflows.ingest import import_images
from core.workflows.project import open_project

REASONS = {
    BackupReason.DAILY: "of the day",
    BackupReason.MANY: "before a change of many",
    BackupReason.VERSION: "before a newer version of ClipKW",
    BackupReason.RESTORE: "before a backup was put back",
    BackupReason.REQUEST: "asked for",
}
Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which; without: list them.")]


def backup(project: ProjectFolder) -> None:
    """Back up the catalog: keywords, decisions, experiments. It is kept until you remove it."""
    with open_named(project) as opened, progress("Backup") as watched:
        made = backups.back_up(opened, watched)
    say(f"The backup {made.name} is made.")


def restore(project: ProjectFolder, name: Name = None) -> None:
    """List the backups, or put one back; the present state is backed up first."""
    folder = named_folder(project)
    if name is None:
        _list(backups.list_backups(folder))
        return
    with progress("Restore") as watched:
        before = backups.restore_in(folder, name, watched)
    say(f"The backup {name} is put back.")
    if before is not None:
        tell(f"What it replaced: clipkw restore {folder} {before.name}")


def rebuild(
    project: ProjectFolder,
    log_only: Annotated[
        bool, typer.Option("--log-only", help="From the decision log alone, without a backup.")
    ] = False,
) -> None:
    """Build a damaged catalog anew: the newest sound backup and every decision since."""
    folder = named_folder(project)
    if not log_only and recovery.restore_settings_alone(folder):
        say("The settings are taken from a backup; the catalog is sound and stays as it is.")
        return
    with progress("Catalog") as watched:
        work = recovery.rebuild_from_log if log_only else recovery.rebuild
        made = work(folder, watched)
    source = f"the backup {made.backup} and " if made.backup else ""
    say(f"The catalog is built anew from {source}{made.events} steps of the decision log.")
    if made.lost:
        tell(f"Steps of the log that are lost: {made.lost}.")
    if made.left_out:
        tell(made.left_out)
    with open_project(folder) as opened, progress("Images") as watched:
        if opened.warning:
            tell(f"{opened.warning} Then: clipkw import {folder}")
        else:
            import_images(opened, watched)
    say(f"Next: clipkw encode {folder}")


def mend(project: ProjectFolder) -> None:
    """Let go of damaged vectors, so that clipkw encode makes them again, and no others."""
    with open_named(project) as opened, progress("Vectors") as watched:
        count = integrity.mend_vectors(opened, watched)
    if count:
        say(f"To be encoded again: {count} images. Next: clipkw encode {named_folder(project)}")
    else:
        say("Every vector is sound.")


def _list(found: list[ListedBackup]) -> None:
    for one in found:
        made = one.made.astimezone().strftime("%Y-%m-%d %H:%M")
        say(f"{one.name}  {made}  {one.size / 1e6:.1f} MB  {REASONS[one.reason]}")
    if not found:
        tell("There is no backup yet: one is made when the project is opened, once a day.")
