"""Results as JSON, for other programs: lists are written as they come."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from core.errors import StorageError
from core.files import replacing, storage_errors, sync
from core.types import ImageSuggestions, KeywordId

STANDARD_OUTPUT = Path("-")
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write JSON; - for the terminal.")
]


def suggestions_record(found: ImageSuggestions, names: Mapping[KeywordId, str]) -> dict[str, Any]:
    """The JSON object of one image; ``names`` maps the keywords of references to their names."""
    return {
        "path": found.path,
        "encoder": found.encoder,
        "model": found.model,
        "suggestions": [
            {
                "keyword": suggestion.keyword.no,
                "en": suggestion.keyword.en,
                "confidence": float(suggestion.confidence),
                "above_threshold": bool(suggestion.above_threshold),
            }
            for suggestion in found.suggestions
        ],
        "references": [
            {
                "path": reference.path,
                "similarity": float(reference.similarity),
                "weight": float(reference.weight),
                "keywords": [names[keyword] for keyword in reference.keywords],
            }
            for reference in found.references
        ],
    }


class JsonList:
    """Writes a JSON list item by item, so that memory does not grow with it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._separator = "["

    def append(self, item: object) -> None:
        """Write one item."""
        self._stream.write(f"{self._separator}\n{json.dumps(item, ensure_ascii=False)}")
        self._separator = ","

    def close(self) -> None:
        """Write the end of the list."""
        self._stream.write("[]\n" if self._separator == "[" else "\n]\n")


@contextmanager
def json_list(target: Path) -> Iterator[JsonList]:
    """A list at ``target`` (``-``: standard output), which appears whole or not at all."""
    with _stream(target) as stream:
        items = JsonList(stream)
        yield items
        items.close()


def write_json(target: Path, record: object) -> None:
    """Write one value to ``target`` (``-``: standard output), whole or not at all."""
    with _stream(target) as stream:
        json.dump(record, stream, ensure_ascii=False, indent=2)
        stream.write("\n")


@contextmanager
def _stream(target: Path) -> Iterator[TextIO]:
    if target == STANDARD_OUTPUT:
        yield sys.stdout
        return
    if target.is_dir():
        raise StorageError(f"{target} is a folder.", "Name a file.")
    with replacing(target) as part:
        with storage_errors(target, "Choose another place."):
            stream = part.open("w", encoding="utf-8")
        with stream:
            yield stream
        sync(part)
