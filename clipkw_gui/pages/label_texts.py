"""What the Label page says when there is nothing to show: each says the next step."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.browse import ArchiveCounts
from clipkw_gui.actions.label import NextUndo, Readiness
from clipkw_gui.widgets.formats import count_text
from core.types import ImageQuery, ImageSuggestions, QueueName

MOST_PROBLEMS = 20
"""So many files are named; all of them are in the report of the import."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("LabelPage", text)


def why_empty(
    is_open: bool, counts: ArchiveCounts | None, query: ImageQuery, *, is_narrowed: bool = False
) -> str:
    """Why the queue holds no image; ``is_narrowed``: by more than the query."""
    if not is_open:
        return _tr("No project is open.\n\nOpen one or make a new one from the start page.")
    if counts is None:
        return _tr("Reading the archive…")
    if not any(counts.queues.values()) and not counts.problems:
        return _tr("No images yet.\n\nThey appear here while the folder is being read.")
    if is_narrowed or query != ImageQuery(queue=query.queue):
        return _tr("No image matches this filter.\n\nRemove a part of it above.")
    if query.queue is QueueName.UNREADABLE and counts.problems:
        return _list_problems(counts.problems)
    return {
        QueueName.UNLABELED: _tr("Every image has a keyword.\n\nChoose “Labeled” to look through."),
        QueueName.SUGGESTED: _tr(
            "No unlabeled image has a vector yet.\n\n"
            "Suggestions come when images have been encoded; “Unlabeled” can be labeled meanwhile."
        ),
        QueueName.LABELED: _tr("No image has a keyword yet.\n\nLabel some under “Unlabeled”."),
        QueueName.REVIEWED: _tr("Nobody has decided anything yet.\n\nStart under “Unlabeled”."),
        QueueName.UNSURE: _tr("Nothing is marked unsure.\n\nU marks a keyword as unsure."),
        QueueName.UNREADABLE: _tr("Every file could be read."),
    }.get(query.queue, _tr("No images."))


def _list_problems(problems: Mapping[str, str]) -> str:
    """Files that could not be read when they were found never became images."""
    lines = [f"{path}: {reason}" for path, reason in list(problems.items())[:MOST_PROBLEMS]]
    title = _tr("Files that could not be used: {n}").format(n=count_text(len(problems)))
    more = ["…"] if len(problems) > MOST_PROBLEMS else []
    return "\n".join([title, "", *lines, *more])


def why_no_suggestions(
    ready: Readiness | None, counts: ArchiveCounts | None, found: ImageSuggestions | None
) -> str:
    """Why the list of suggestions is empty or incomplete; "" when it is neither."""
    if ready is None:
        return ""
    if not ready.has_encoder:
        return _tr(
            "No encoder is chosen, so there are no suggestions. Browsing and adding keywords (K) "
            "work meanwhile. <a href='#'>Choose an encoder…</a>"
        )
    has_labeled = counts is None or counts.queues.get(QueueName.LABELED, 0) > 0
    if ready.references is None and (found is None or not found.references):
        return _tr("The labeled images are being read: suggestions follow in a moment.")
    if ready.references == 0 and not (has_labeled and ready.waiting):
        return _tr(
            "No labeled image to learn from yet. Add keywords to a few images with K: "
            "suggestions follow from the first one."
        )
    if found is not None and found.suggestions:
        return ""
    if found is not None and found.references:
        return _tr("Nothing more to suggest for this image. Add other keywords with K.")
    if ready.waiting:
        waiting = count_text(ready.waiting)
        return _tr("Not encoded yet: suggestions come as vectors arrive. To go: {n}.").format(
            n=waiting
        )
    return _tr("Nothing similar enough among the references. Add keywords with K.")


def undo_question(step: NextUndo) -> str:
    """Whether a large step is to be taken back, in one line."""
    if not step.images:
        text = _tr("Take back “{step}”, edits of {keywords} keywords?")
    else:
        text = _tr("Take back “{step}” on {images} images?")
    shown = {"images": count_text(step.images), "keywords": count_text(step.keywords)}
    return text.format(step=step.title, **shown)


def undo_consequences(step: NextUndo) -> str:
    """What that changes."""
    lines = []
    if step.decisions:
        lines.append(
            _tr("Keywords on images put back to what they were before: {n}.").format(
                n=count_text(step.decisions)
            )
        )
    if step.keywords:
        lines.append(
            _tr("Keywords made or edited by it, put back: {n}.").format(n=count_text(step.keywords))
        )
    lines.append(_tr("Ctrl+Shift+Z does it again, as long as nothing else is decided meanwhile."))
    return "\n".join(lines)
