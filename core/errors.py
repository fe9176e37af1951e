"""The errors a person can act on. Anything else that is raised is a bug."""

from __future__ import annotations

LONGEST_LINE = 600
"""Characters of a message; what it quotes from a file may be as long as the file."""


def one_line(text: str) -> str:
    """``text`` on one line of at most 600 characters, without what could steer a terminal.

    Messages quote names and contents of files, which anybody may have written.
    """
    shown = "".join(
        char if char.isprintable() else " " if char.isspace() else ascii(char)[1:-1]
        for char in text[: LONGEST_LINE + 1]
    )
    return shown if len(shown) <= LONGEST_LINE else f"{shown[: LONGEST_LINE - 1]}…"


class ClipkwError(Exception):
    """One clear sentence about what happened, and a remedy.

    ``str(error)`` is both on one line, fit for a terminal or a dialog.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = one_line(message)
        self.remedy = one_line(remedy)

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """The person asked to stop. Never shown as an error."""


class ProjectError(ClipkwError):
    """The project folder or its catalog cannot be used."""


class ImageError(ClipkwError):
    """An image file cannot be used."""


class TableError(ClipkwError):
    """A keyword table cannot be used."""


class KeywordError(ClipkwError):
    """A keyword cannot have this name."""


class TranslationError(ClipkwError):
    """A name cannot be translated."""


class EncoderError(ClipkwError):
    """An encoder cannot be found, loaded or run."""


class FeatureError(ClipkwError):
    """A feature file cannot be used, or belongs to another encoder."""


class StorageError(ClipkwError):
    """The disk is full, read-only, or the database is locked by another program."""


class MemoryShortageError(ClipkwError):
    """There was not enough memory for a piece of work."""


class DamagedVectorsError(FeatureError, ValueError):
    """Vectors of a feature file are damaged: no encoder gives such values."""

    def __init__(self) -> None:
        super().__init__(
            "Some vectors are damaged: they have not length one, or hold NaN or infinite values.",
            "Choose Encode again in the window, or run clipkw mend, then clipkw encode: only"
            " damaged ones are made again.",
        )


class DamagedCatalogError(StorageError):
    """The catalog's file is damaged: a backup has to take its place."""


class DamagedSettingsError(ProjectError):
    """The settings of a project cannot be read, and a backup has some that can."""


class NoCatalogError(ProjectError):
    """There is no catalog where one should be: a backup has to take its place."""
