"""Many rows at once, into the database and out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select

T = TypeVar("T")

CHUNK = 2_000
"""Values in one IN list; databases limit the parameters of a statement."""


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """``values`` in pieces of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def fetch_integers(connection: Connection, statement: Select[Any]) -> tuple[NDArray[np.int64], ...]:
    """The columns (rows,) of the result of a query for integers, in its order."""
    with connection.execute(statement) as result:
        width = len(result.keys())
        # The driver's own rows: integers need no conversion, and it takes half the time.
        assert result.cursor is not None
        rows = result.cursor.fetchall()
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=width * len(rows))
    return tuple(np.ascontiguousarray(column) for column in flat.reshape(-1, width).T)
