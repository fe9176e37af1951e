"""What the Review page says in words."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.review import Reviewable
from clipkw_gui.widgets.formats import count_text
from core.types import Doubt, ReviewKind, ReviewTally, Verdict

_tr = partial(QCoreApplication.translate, "Review")
FEW = 10
"""From so few answers on it is not said when to stop."""
HARDLY_ANY = 0.1


def why_nothing_to_review(found: Reviewable | None) -> str:
    """What is missing before labels can be judged; "" when nothing is."""
    if found is None:
        return ""
    if not found.has_encoder:
        return _tr(
            "Labels are judged by the images around them, and for that images have to be encoded. "
            "Choose an encoder in the File menu."
        )
    if not found.images:
        return _tr(
            "No image has both a keyword and a vector yet. Import a table of keywords (File menu), "
            "or label some images, and let the encoder finish."
        )
    return ""


def about_review(images: int) -> str:
    """What judging does."""
    return _tr(
        "Every keyword on {count} images is judged by the images around it, never by the image "
        "itself or its duplicates. Keywords that are probably wrong, and ones that are probably "
        "missing, come first. Nothing changes until you say so."
    ).format(count=count_text(images))


def question(doubt: Doubt, name: str) -> str:
    """What is asked."""
    if doubt.kind is ReviewKind.WRONG:
        return _tr("Does “{name}” belong here?").format(name=name)
    return _tr("Is “{name}” missing here?").format(name=name)


def probability_text(doubt: Doubt) -> str:
    """How sure the ranking is."""
    if doubt.kind is ReviewKind.WRONG:
        text = _tr("The keyword is there; {share} likely wrong.")
    else:
        text = _tr("The keyword is not there; {share} likely missing.")
    return text.format(share=_percent(doubt.score))


def fix_text(kind: ReviewKind) -> str:
    """What correcting does."""
    return _tr("Add it") if kind is ReviewKind.MISSING else _tr("Remove it")


def confirm_text(kind: ReviewKind) -> str:
    """What confirming does."""
    return _tr("Not here") if kind is ReviewKind.MISSING else _tr("It belongs")


def said_text(kind: ReviewKind, verdict: Verdict | None) -> str:
    """What was said to a doubt."""
    if verdict is None:
        return ""
    if verdict is Verdict.UNSURE:
        return _tr("You were unsure.")
    is_there = verdict is Verdict.ACCEPTED
    if kind is ReviewKind.WRONG:
        return _tr("You kept it.") if is_there else _tr("You removed it.")
    return _tr("You added it.") if is_there else _tr("You said it does not belong here.")


def tally_text(tally: ReviewTally) -> str:
    """How many of the last answers were real errors."""
    if not tally.answers:
        return _tr("No answers yet.")
    text = _tr("Real errors in the last answers: {errors} of {answers}.")
    return text.format(errors=count_text(tally.errors), answers=count_text(tally.answers))


def when_to_stop(tally: ReviewTally) -> str:
    """What the last answers mean for going on."""
    if tally.answers < FEW:
        return _tr("After some answers you see here whether it is worth going on.")
    if tally.errors <= HARDLY_ANY * tally.answers:
        return _tr("Hardly any errors are left in this queue: a good moment to stop.")
    return _tr("Going on is worth it: errors are still found.")


def all_keywords_text(errors: float) -> str:
    """The entry that stands for every keyword."""
    count = "<1" if 0 < errors < 1 else count_text(round(errors))
    return _tr("All keywords  ·  probable errors: {count}").format(count=count)


def why_queue_empty(kind: ReviewKind) -> str:
    """No doubt of this kind is left."""
    if kind is ReviewKind.WRONG:
        return _tr("No keyword looks wrong here.")
    return _tr("No keyword looks missing here.")


def _percent(score: float) -> str:
    return _tr("over 99\u00a0%") if score > 0.99 else f"{score:.0%}".replace("%", "\u00a0%")
