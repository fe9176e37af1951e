"""Telling a lack of memory from every other failure."""

from __future__ import annotations


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller batch could help. CUDA, MPS and the CPU each say it differently."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text
    )
