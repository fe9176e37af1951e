"""What workflows have kept as JSON in the catalog, which may be damaged or another version's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import ProjectError

UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading JSON, or a value of another kind than expected, can raise."""


@contextmanager
def reading(what: str, remedy: str) -> Iterator[None]:
    """Turn a record that is not as it was written into a :class:`ProjectError`."""
    try:
        yield
    except UNREADABLE as error:
        raise ProjectError(f"{what} is damaged in the catalog.", remedy) from error
