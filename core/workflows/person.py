"""Who is at this computer."""

from __future__ import annotations

import getpass
from functools import cache

NOBODY = "unknown"


@cache
def person() -> str:
    """The name of the person at this computer, as the operating system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, as in some containers
        return NOBODY
