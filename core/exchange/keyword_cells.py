"""Keywords in the cells of a table: what parts them, and parting them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

MAX_KEYWORD = 200
"""Characters; anything longer is a description, not a keyword."""

STRONG_SEPARATORS = ("\n", ";", "|", "\t")
"""Hardly ever part of a keyword."""
WEAK_SEPARATORS = (",", "/")
"""Part of some keywords too: ``Missil (SAM), bakke-til-luft``."""

_STRONG_SHARE = 0.1
_RECURRING_SHARE = 0.5
_LIST_LENGTH = 3


def split_keywords(cell: str, separator: str) -> list[str]:
    """The texts in a cell without outer and multiple white space; empty ones are kept.

    Commas and slashes within parentheses do not part.
    """
    if not separator:
        parts = [cell]
    elif separator in WEAK_SEPARATORS:
        parts = _split_outside_parentheses(cell, separator)
    else:
        parts = cell.replace("\r\n", "\n").split(separator)
    return [" ".join(part.split()) for part in parts]


def detect_separator(cells: Sequence[str], allowed: Sequence[str]) -> str:
    """What parts the keywords in ``cells``; empty when each cell seems to be one keyword.

    A strong separator wins if it is in at least a tenth as many cells as the commas or slashes.
    A weak one counts only if what it parts comes back in other cells, or the lists are long:
    otherwise it belongs to the names.
    """
    distinct = sorted(set(cells))
    strong = _commonest(distinct, [s for s in allowed if s in STRONG_SEPARATORS])
    weak = _commonest(
        distinct, [s for s in allowed if s in WEAK_SEPARATORS and _parts_lists(distinct, s)]
    )
    if strong and _count(distinct, strong) >= _STRONG_SHARE * _count(distinct, weak):
        return strong
    return weak


def _commonest(cells: Sequence[str], separators: Sequence[str]) -> str:
    counts = [(_count(cells, separator), separator) for separator in separators]
    best = max((count for count, _ in counts), default=0)
    return next((separator for count, separator in counts if count == best > 0), "")


def _count(cells: Sequence[str], separator: str) -> int:
    return sum(_is_parted(cell, separator) for cell in cells) if separator else 0


def _is_parted(cell: str, separator: str) -> bool:
    return separator in cell and len([p for p in split_keywords(cell, separator) if p]) > 1


def _parts_lists(cells: Sequence[str], separator: str) -> bool:
    split = [[part for part in split_keywords(cell, separator) if part] for cell in cells]
    lists = [parts for parts in split if len(parts) > 1]
    if not lists:
        return False
    seen_in: dict[str, int] = {}
    for parts in split:
        for part in set(parts):
            seen_in[part] = seen_in.get(part, 0) + 1
    recurring = fmean(seen_in[part] > 1 for parts in lists for part in parts)
    long = separator == "," and fmean(len(parts) for parts in lists) >= _LIST_LENGTH
    return recurring >= _RECURRING_SHARE or long


def _split_outside_parentheses(cell: str, separator: str) -> list[str]:
    if "(" not in cell:
        return cell.split(separator)
    parts = [""]
    depth = 0
    for letter in cell:
        if letter == separator and depth == 0:
            parts.append("")
            continue
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        parts[-1] += letter
    if depth > 0:  # a parenthesis that is never closed encloses nothing
        return cell.split(separator)
    return parts
