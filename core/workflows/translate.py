"""English names for keywords that have none, and Norwegian ones for those whose name is English.

Offline; English names also online, where the project has agreed.

What a machine has translated is marked so until somebody confirms it. Every function that writes is
one step that can be undone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.catalog import keyword_edits, keywords
from core.catalog.keyword_edits import KeywordEdit
from core.catalog.text import fold
from core.errors import Cancelled, ClipkwError, StorageError, TranslationError
from core.progress import Progress
from core.translation.glossary import Entry, Glossary, load_glossary
from core.translation.online import (
    Client,
    OnlineLimits,
    Sent,
    google_client,
    translate_online,
)
from core.translation.translator import Translation, Translator, Way
from core.types import Changes, Keyword, KeywordStatus
from core.workflows.backups import back_up_before_many
from core.workflows.label import person
from core.workflows.project import Project, refresh_consent

GLOSSARY_FILE = "glossary.tsv"
"""Words that people of a project add; see :mod:`core.translation.glossary`."""
LOG_FILE = "sent-online.jsonl"
"""Everything that a project has sent to a service, one JSON object a line."""
NO_CONSENT = "Nobody has agreed yet that names of keywords of this project are sent to a service."


@dataclass(frozen=True, slots=True)
class ProposedName:
    """An English name that a keyword could have, and how it was found; not written yet.

    Where its name is the English one already, ``norwegian`` is what it is called instead.
    """

    keyword: Keyword
    english: str
    way: Way
    explanation: str = ""
    norwegian: str | None = None


@dataclass(frozen=True, slots=True)
class TranslationReport:
    """``named`` keywords got a name in the other language; for ``unknown`` none was found."""

    named: tuple[ProposedName, ...]
    unknown: tuple[Keyword, ...]
    changes: Changes


def glossary_path(project: Project) -> Path:
    """Where people of a project write words of their own."""
    return project.folder / GLOSSARY_FILE


def log_path(project: Project) -> Path:
    """Where it is noted what was sent to a service."""
    return project.folder / LOG_FILE


def load_translator(project: Project) -> Translator:
    """The shipped glossary, the project's confirmed names, and its own glossary, the later first.

    Raises :class:`core.errors.TableError` naming the line of the own glossary that is wrong.
    """
    shipped = load_glossary(glossary_path(project))
    confirmed = [
        Entry(keyword.no, (keyword.en,), keyword.en)
        for keyword in keywords.all_keywords(project.catalog)
        if keyword.en
        and keyword.status is KeywordStatus.CONFIRMED
        and keyword.no.lower() not in shipped.norwegian
    ]
    if not confirmed:
        return Translator(shipped)
    return Translator(Glossary((*shipped.norwegian.values(), *confirmed), shipped.names))


def translate_text(project: Project, text: str, *, to: str) -> Translation | None:
    """``text`` in the language ``to`` ("en" or "no"), offline; None if a word is unknown."""
    translator = load_translator(project)
    return translator.to_english(text) if to == "en" else translator.to_norwegian(text)


def unnamed(project: Project) -> list[Keyword]:
    """Keywords without an English name, but retired ones, by id."""
    return [
        keyword
        for keyword in keywords.all_keywords(project.catalog)
        if not keyword.en and keyword.status is not KeywordStatus.RETIRED
    ]


def propose_names(project: Project) -> tuple[list[ProposedName], list[Keyword]]:
    """What :func:`fill_names` would write, and the keywords it knows nothing for; offline."""
    translator = load_translator(project)
    proposed: list[ProposedName] = []
    unknown: list[Keyword] = []
    for keyword in unnamed(project):
        found = translator.to_english(keyword.no)
        if found is None:
            unknown.append(keyword)
        else:
            proposed.append(ProposedName(keyword, found.text, found.way, found.explanation))
    return proposed, unknown


def propose_norwegian(project: Project) -> tuple[list[ProposedName], list[Keyword]]:
    """What :func:`fill_norwegian` would write; and names in English whose Norwegian name another
    keyword has, so that the two are one.
    """
    translator = load_translator(project)
    taken = {fold(keyword.no) for keyword in keywords.all_keywords(project.catalog)}
    taken |= {
        fold(name) for names in keywords.synonyms_of(project.catalog).values() for name in names
    }
    proposed: list[ProposedName] = []
    double: list[Keyword] = []
    for keyword in unnamed(project):
        found = translator.to_norwegian(keyword.no)
        if found is None or translator.to_english(keyword.no) is not None:
            continue  # Norwegian, or a word of both languages
        if fold(found.text) in taken:
            double.append(keyword)
            continue
        taken.add(fold(found.text))
        name = ProposedName(keyword, keyword.no, found.way, found.explanation, found.text)
        proposed.append(name)
    return proposed, double


def fill_norwegian(project: Project) -> TranslationReport:
    """Give keywords whose name is English a Norwegian one by the glossary, and keep the English.

    Only names that read as English and not as Norwegian; marked as a machine's.
    """
    proposed, double = propose_norwegian(project)
    return TranslationReport(tuple(proposed), tuple(double), _write(project, proposed))


def fill_names(project: Project) -> TranslationReport:
    """Give keywords without an English name one by the glossary, marked as a machine's."""
    proposed, unknown = propose_names(project)
    return TranslationReport(tuple(proposed), tuple(unknown), _write(project, proposed))


def fill_names_online(
    project: Project,
    progress: Progress,
    limits: OnlineLimits | None = None,
    client: Client | None = None,
) -> TranslationReport:
    """As :func:`fill_names`, and ask a service about the keywords that the glossary lacks.

    What is sent is noted before it is sent, see :func:`log_path`. Stopped or failed, what was
    translated until then is written, then the error is raised. Raises :class:`TranslationError`
    when nobody has agreed or the consent was withdrawn, in another window too, and when the
    service does not answer; :class:`core.errors.ProjectError` when ``project.toml`` cannot be read.
    """
    _require_consent(project)
    chosen = limits or OnlineLimits()
    proposed, unknown = propose_names(project)
    service = client or google_client("no", "en", chosen.timeout)
    by_name = {keyword.no: keyword for keyword in unknown}
    answers = translate_online(list(by_name), service, _logger(project), progress, chosen)
    found: list[ProposedName] = []
    try:
        for name, english in answers:
            if english:
                found.append(ProposedName(by_name[name], english, Way.ONLINE))
    except (ClipkwError, Cancelled):
        _write(project, [*proposed, *found])
        raise
    done = {one.keyword.id for one in found}
    left = tuple(keyword for keyword in unknown if keyword.id not in done)
    return TranslationReport((*proposed, *found), left, _write(project, [*proposed, *found]))


def confirm_names(project: Project, chosen: Sequence[Keyword] | None = None) -> Changes:
    """Mark names that a machine has given as right; without ``chosen`` all of them."""
    every = keywords.all_keywords(project.catalog) if chosen is None else chosen
    edits = [
        KeywordEdit(keyword.id, status=KeywordStatus.CONFIRMED)
        for keyword in every
        if keyword.status is KeywordStatus.MACHINE or chosen is not None
    ]
    title = f"Confirm {_names(len(edits))}"
    return keyword_edits.edit_keywords(project.catalog, edits, person(), title)


def _write(project: Project, proposed: Sequence[ProposedName]) -> Changes:
    edits = [
        KeywordEdit(one.keyword.id, no=one.norwegian, en=one.english, status=KeywordStatus.MACHINE)
        for one in proposed
    ]
    title = f"Translate {_names(len(edits))}"
    back_up_before_many(project, len(edits))
    return keyword_edits.edit_keywords(project.catalog, edits, person(), title)


def _names(count: int) -> str:
    return "1 name" if count == 1 else f"{count} names"


def _require_consent(project: Project) -> None:
    refresh_consent(project)
    if not project.settings.online.translation:
        raise TranslationError(NO_CONSENT, "Agree first, or translate offline.")


def _logger(project: Project) -> Callable[[Sent], None]:
    path = log_path(project)

    def note(sent: Sent) -> None:
        # Many names take minutes, in which the consent may be withdrawn.
        _require_consent(project)
        line = {"at": sent.at.isoformat(), "service": sent.service, "text": sent.text}
        try:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(f"{json.dumps(line, ensure_ascii=False)}\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StorageError(
                f"{path} cannot be written: {error.strerror}.",
                "Nothing is sent that cannot be noted. Free some space.",
            ) from error

    return note
