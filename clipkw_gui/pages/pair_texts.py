"""What the Duplicates page says about thresholds, and when there is nothing to show."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.duplicates import Comparable, DuplicateThresholds, GroupSheet, PairSheet
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.plot import Axis, Curve, Dots, Mark, PlotContent, Tone
from core.types import ImagePair

CURVE_POINTS = 160
_MARGIN = 0.6
"""Left and right of the thresholds the curve goes on for so much of the distance between them."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("DuplicatesPage", text)


def why_nothing_to_compare(found: Comparable | None) -> str:
    """Why images cannot be compared yet, and the next step; "" when they can."""
    if found is None:
        return _tr("Reading the archive…")
    if not found.has_encoder:
        return _tr(
            "Duplicates are found by how similar the vectors of two images are, and no encoder is"
            " chosen yet."
        )
    if not found.images:
        return _tr(
            "No image has both a keyword and a vector yet.\n\n"
            "Import keywords or label some images, and let them be encoded; then the labeled images"
            " can be compared with each other."
        )
    return ""


def about_comparison(images: int) -> str:
    """What the comparison is for, before it is made."""
    text = _tr(
        "Copies and series of the same photograph teach a model nothing new, and they would make"
        " its evaluation look better than it is. To find them, {count} labeled images are compared"
        " with each other, each pair once. Then you are asked about a few pairs, until it is clear"
        " from which similarity on two images are duplicates."
    )
    return text.format(count=count_text(images))


def about_pair(pair: ImagePair) -> str:
    """How similar two images are, and what follows."""
    text = _tr("Similarity {similarity}  ·  {probability} likely to be duplicates so far")
    return text.format(
        similarity=f"{pair.similarity:.4f}", probability=percent_text(pair.probability)
    )


def about_answer(answer: bool | None) -> str:
    """What was said about the pair that is shown."""
    if answer is None:
        return ""
    return _tr("You said: duplicates") if answer else _tr("You said: not duplicates")


def progress_text(limits: DuplicateThresholds) -> str:
    """How many answers are still needed."""
    if limits.converged:
        return _tr("The thresholds have settled: the archive can be prepared.")
    if not limits.answers:
        text = _tr("Assumed, until you answer. At least {count} answers are needed.")
    elif limits.needed == 1:
        text = _tr("At least {count} more answer is needed.")
    else:
        text = _tr("At least {count} more answers are needed.")
    return text.format(count=count_text(limits.needed))


def answers_text(sheet: PairSheet) -> str:
    """How many answers there are of each kind."""
    yes = sum(1 for one in sheet.answered if one.answer)
    no = len(sheet.answered) - yes
    text = _tr("{yes} duplicates, {no} not")
    return text.format(yes=count_text(yes), no=count_text(no))


def effect_text(sheet: GroupSheet) -> str:
    """What the thresholds lead to, and a way out if that is too much."""
    text = _tr("{removed} of {images} images would be left out, in {groups} groups.").format(
        removed=count_text(sheet.removed),
        images=count_text(sheet.images),
        groups=count_text(len(sheet.groups)),
    )
    if sheet.is_mostly_unlikely:
        text += " " + _tr(
            "By your answers, fewer than half of these are duplicates: under Prepare, leave out"
            " only likelier ones."
        )
    return text


def upper_text(limits: DuplicateThresholds) -> str:
    """From which similarity on two images are certain duplicates."""
    return f"{limits.upper:.4f}" if limits.upper < 1 else _tr("the same file only")


def why_no_pair(is_choosing: bool) -> str:
    """Why no pair is shown."""
    if is_choosing:
        return _tr("Choosing the next pairs…")
    return _tr("You have been asked about every image.\n\nSee the groups, or prepare the archive.")


def why_no_groups() -> str:
    """Why there is no group."""
    return _tr("No two images are similar enough to be suspected duplicates.")


def percent_text(share: float) -> str:
    """0.42 -> "42 %"; never 0 % or 100 % for what is not quite so."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def threshold_plot(sheet: PairSheet) -> PlotContent:
    """The logistic curve, its thresholds, and the answers it comes from."""
    limits = sheet.thresholds
    width = max(limits.upper - limits.lower, 0.005)
    told = [one.similarity for one in sheet.answered]
    low = min([limits.lower - _MARGIN * width, *told])
    high = max([min(limits.upper + _MARGIN * width, 1.0), *told])
    across = np.linspace(low, high, CURVE_POINTS)
    curve = list(zip(across.tolist(), limits.probability(across).tolist(), strict=True))
    dots = [
        Dots(
            [(one.similarity, float(answer)) for one in shown],
            Tone.GOOD if answer else Tone.BAD,
            [f"{about_answer(answer)}, {one.similarity:.4f}" for one in shown],
        )
        for answer in (True, False)
        if (shown := [one for one in sheet.answered if one.answer is answer])
    ]
    marks = [Mark(limits.lower, "1 %", at_left=True)]
    if limits.upper < 1:  # or the curve does not get there
        marks.append(Mark(limits.upper, "99 %"))
    about = _tr("Suspected duplicates from {lower}, certain ones from {upper}.")
    return PlotContent(
        Axis(_tr("similarity"), low, high),
        Axis(_tr("probability to be duplicates"), 0, 1, percent=True),
        [Curve(curve)],
        dots,
        marks,
        about.format(lower=f"{limits.lower:.4f}", upper=upper_text(limits)),
    )
