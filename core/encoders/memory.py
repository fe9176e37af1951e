"""Telling a lack of memory from every other failure."""

from __future__ import annotations

import errno

from core.errors import ClipkwError, MemoryShortageError


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller batch could help. CUDA, MPS and the CPU each say it differently."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in text
        or "can't allocate memory" in text
        or "not enough memory" in text
        or "can't start new thread" in text
    )


def shortage_of(error: BaseException, work: str) -> MemoryShortageError | None:
    """What to tell a person if a piece of ``work``, as it is called, ended for lack of memory."""
    if isinstance(error, ClipkwError) or not is_out_of_memory(error):
        return None
    shortage = MemoryShortageError(
        f"There was not enough memory: {work}.",
        "Close other programs, or use a machine with more of it; what was done is kept.",
    )
    shortage.__cause__ = error
    return shortage
