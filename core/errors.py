"""The errors a person can act on. Anything else that is raised is a bug."""

from __future__ import annotations


class ClipkwError(Exception):
    """One clear sentence about what happened, and a remedy.

    ``str(error)`` is both on one line, fit for a terminal or a dialog.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

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
