"""Searches with a name. Saving and deleting are steps of the journal, like any other choice."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.catalog import choices
from core.catalog.database import Catalog
from core.types import (
    Changes,
    ConfidenceRange,
    ImageId,
    ImageQuery,
    KeywordId,
    QueueName,
    SavedSearch,
    SearchByFile,
    SearchByImages,
    SearchByText,
    SearchTarget,
    Split,
)

PREFIX = "search:"
"""What the names of these choices begin with."""


def save_search(catalog: Catalog, saved: SavedSearch, by: str, title: str) -> Changes:
    """Keep a search; one of the same name is replaced."""
    return choices.choose(catalog, PREFIX + saved.name, _to_json(saved), by, title)


def delete_search(catalog: Catalog, name: str, by: str, title: str) -> Changes:
    """Forget a search; nothing happens if there is none of that name."""
    return choices.choose(catalog, PREFIX + name, "", by, title)


def list_searches(catalog: Catalog) -> list[SavedSearch]:
    """All saved searches, by name; those that only a newer version can read are left out."""
    found = []
    for name, text in choices.all_chosen(catalog, PREFIX).items():
        saved = _from_json(name.removeprefix(PREFIX), text)
        if saved is not None:
            found.append(saved)
    return sorted(found, key=lambda saved: (saved.name.casefold(), saved.name))


def _to_json(saved: SavedSearch) -> str:
    fields: dict[str, Any] = {"query": asdict(saved.query), "limit": saved.limit}
    if saved.confidence is not None:
        fields["confidence"] = asdict(saved.confidence)
    match saved.target:
        case SearchByText(text):
            fields["text"] = text
        case SearchByFile(path):
            fields["file"] = path
        case SearchByImages(images):
            fields["images"] = list(images)
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _from_json(name: str, text: str) -> SavedSearch | None:
    try:
        fields = json.loads(text)
        query = fields["query"]
        split = query.get("split")
        return SavedSearch(
            name,
            _target(fields),
            ImageQuery(
                QueueName(query["queue"]),
                _text(query["folder"]),
                _keyword(query["keyword"]),
                _text(query["text"]),
                None if split is None else Split(_whole(split)),
            ),
            _whole(fields["limit"]),
            _confidence(fields.get("confidence")),
        )
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


def _target(fields: dict[str, Any]) -> SearchTarget:
    if "text" in fields:
        return SearchByText(str(fields["text"]))
    if "file" in fields:
        return SearchByFile(str(fields["file"]))
    return SearchByImages(tuple(ImageId(_whole(image)) for image in fields["images"]))


def _confidence(fields: dict[str, Any] | None) -> ConfidenceRange | None:
    if fields is None:
        return None
    low, high = (min(max(float(fields[end]), 0.0), 1.0) for end in ("low", "high"))
    return ConfidenceRange(low, high, _keyword(fields["keyword"]))


def _keyword(value: Any) -> KeywordId | None:
    return None if value is None else KeywordId(_whole(value))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(value: Any) -> int:
    """A number that a database can hold."""
    if not abs(whole := int(value)) < 1 << 63:
        raise ValueError(f"{whole} is too large")
    return whole
