"""What the Keywords page says."""

from __future__ import annotations

from functools import partial
from math import isnan

from PySide6.QtCore import QCoreApplication, QLocale

from clipkw_gui.actions.keywords import MergePreview, TranslationReport, VocabularyImport
from clipkw_gui.widgets.formats import count_text
from core.types import Keyword

_tr = partial(QCoreApplication.translate, "Keywords")


def percent_text(value: float) -> str:
    """0.613 -> "61.3 %"; "–" where there is no value."""
    return "–" if isnan(value) else f"{QLocale().toString(100 * value, 'f', 1)} %"


def score_text(value: float) -> str:
    """0.6134 -> "0.61"; "–" where there is no value."""
    return "–" if isnan(value) else QLocale().toString(value, "f", 2)


def images_text(count: int) -> str:
    """How many images carry a keyword."""
    if count == 1:
        return _tr("1 image")
    return _tr("{count} images").format(count=count_text(count))


def merge_text(kept: Keyword, preview: MergePreview) -> str:
    """What a merge would change."""
    lines = [
        _tr("{gain} more images get “{name}”; {have} have it already.").format(
            gain=count_text(preview.gain + preview.contradicted),
            have=count_text(preview.have),
            name=kept.no,
        )
    ]
    if preview.contradicted:
        text = _tr("On {count} of them it was rejected or unsure so far.")
        lines.append(text.format(count=count_text(preview.contradicted)))
    lines.append(_tr("The other names become synonyms. One step to undo."))
    return "\n".join(lines)


def translated_text(report: TranslationReport) -> str:
    """What a translation did."""
    if not report.named and not report.unknown:
        return _tr("Every keyword has an English name.")
    text = _tr("{named} names translated, marked as a machine's; {unknown} are unknown.")
    named, unknown = count_text(len(report.named)), count_text(len(report.unknown))
    return text.format(named=named, unknown=unknown)


def import_text(found: VocabularyImport) -> str:
    """What a table would change."""
    text = _tr("{edited} keywords change, {added} are new, {unchanged} stay as they are.")
    return text.format(
        edited=count_text(found.edited),
        added=count_text(found.added),
        unchanged=count_text(found.unchanged),
    )
