"""What item models tell besides text: read by delegates and views, which never see the models."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt

_FIRST = int(Qt.ItemDataRole.UserRole)


class Role(IntEnum):
    """Item data roles shared by all models of the window."""

    ID = _FIRST + 1
    """The catalog id: int."""
    IMAGE = _FIRST + 2
    """The :class:`core.types.Image`, or None while it is fetched."""
    THUMBNAIL = _FIRST + 3
    """QPixmap, or None while it is loaded."""
    VERDICTS = _FIRST + 4
    """What has been said about the image: a frozenset of :class:`core.types.Verdict`."""
    PROBLEM = _FIRST + 5
    """Why the image cannot be shown, or ""."""
    KEYWORD = _FIRST + 6
    """The :class:`core.types.Keyword`."""
    COUNT = _FIRST + 7
    """How many images, or a like number; None while unknown."""
    SECONDARY = _FIRST + 8
    """Text drawn after the main text in the secondary colour: str."""
    SUGGESTION = _FIRST + 9
    """The :class:`core.types.Suggestion`."""
    NUMBER = _FIRST + 10
    """The digit key of a suggestion, 1-9, or 0."""
    VERDICT = _FIRST + 11
    """The verdict on one keyword as text, or ""."""
    DIVIDER = _FIRST + 12
    """True for a row that only divides."""
    REFERENCE = _FIRST + 13
    """The :class:`core.types.Reference`."""
    LIGHT = _FIRST + 14
    """+1 the reference speaks for the keyword in hand, -1 it does not, 0 no keyword in hand."""
    IN_HAND = _FIRST + 15
    """True for the row that U and the evidence strip refer to."""
    SCORE = _FIRST + 16
    """How similar the image is to what was searched for: the cosine, or None."""
    PAIR = _FIRST + 17
    """The :class:`core.types.ImagePair`."""
    THUMBNAILS = _FIRST + 18
    """A QPixmap, or None while it is loaded, for each image of a row that shows several."""
    GROUP = _FIRST + 19
    """The :class:`core.types.DuplicateGroup`."""
