"""English names for keywords: machine until confirmed, undoable; online only with consent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_up import import_keywords, make_project

from core.catalog import journal, keywords
from core.catalog.keyword_edits import KeywordEdit, edit_keywords
from core.errors import Cancelled, ProjectError, StorageError, TableError, TranslationError
from core.progress import Silent
from core.settings import SETTINGS_FILE
from core.translation.online import OnlineLimits
from core.translation.translator import Way
from core.types import Keyword, KeywordStatus
from core.workflows import translate
from core.workflows.project import Project, allow_online_translation, open_project

WORDS = ["sambandspanservogn", "M113", "xyzzy", "fireakslet", "Tuppen"]
QUICK = OnlineLimits(pause=0, attempts=0)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path, ["a.jpg"]) as project:
        import_keywords(project, {"a.jpg": WORDS})
        yield project


def english(project: Project) -> dict[str, tuple[str | None, str]]:
    return {one.no: (one.en, one.status.value) for one in keywords.all_keywords(project.catalog)}


def find(project: Project, name: str) -> Keyword:
    found = keywords.find_keyword(project.catalog, name)
    assert found is not None
    return found


class Service:
    """Answers in capitals; breaks after ``working`` texts."""

    def __init__(self, working: int = 99) -> None:
        self.working = working
        self.asked: list[str] = []

    def translate(self, text: str) -> str | None:
        self.asked.append(text)
        if len(self.asked) > self.working:
            raise ConnectionError
        return text.upper()


def test_names_are_a_machines_until_confirmed(project: Project) -> None:
    before = english(project)
    report = translate.fill_names(project)
    assert [(one.keyword.no, one.english, one.way) for one in report.named] == [
        ("sambandspanservogn", "armoured communication vehicle", Way.COMPOUND),
        ("M113", "M113", Way.NAME),
        ("fireakslet", "four axle vehicle", Way.COMPOUND),
    ]
    assert [keyword.no for keyword in report.unknown] == ["xyzzy", "Tuppen"]
    assert english(project)["fireakslet"] == ("four axle vehicle", "machine")
    assert english(project)["xyzzy"] == (None, "imported")
    assert len(report.changes.keywords) == 3
    assert journal.undo_title(project.catalog) == "Translate 3 names"
    named = english(project)
    journal.undo(project.catalog)
    assert english(project) == before
    journal.redo(project.catalog)
    assert english(project) == named

    changes = translate.confirm_names(project)
    assert len(changes.keywords) == 3
    assert english(project)["fireakslet"] == ("four axle vehicle", "confirmed")
    assert english(project)["xyzzy"] == (None, "imported")
    assert not translate.fill_names(project).named


def test_names_of_people_stay_and_retired_keywords_are_left_out(project: Project) -> None:
    mine = KeywordEdit(find(project, "fireakslet").id, en="8x8", status=KeywordStatus.CONFIRMED)
    gone = KeywordEdit(find(project, "M113").id, status=KeywordStatus.RETIRED)
    edit_keywords(project.catalog, [mine, gone], "kari", "Edit")
    assert len(translate.fill_names(project).named) == 1
    assert english(project)["fireakslet"] == ("8x8", "confirmed")
    assert english(project)["M113"] == (None, "retired")


def test_one_name_is_confirmed(project: Project) -> None:
    translate.fill_names(project)
    translate.confirm_names(project, [find(project, "M113")])
    assert english(project)["M113"][1] == "confirmed"
    assert english(project)["fireakslet"][1] == "machine"


def test_own_words_and_confirmed_names_are_known(project: Project) -> None:
    translate.glossary_path(project).write_text("xyzzy\tmagic word\n", encoding="utf-8")
    edit = KeywordEdit(find(project, "Tuppen").id, en="tip", status=KeywordStatus.CONFIRMED)
    edit_keywords(project.catalog, [edit], "kari", "Edit")
    import_keywords(project, {"a.jpg": ["xyzzybil", "radartuppen"]})
    translate.fill_names(project)
    found = english(project)
    assert found["xyzzy"][0] == "magic word"
    assert found["xyzzybil"][0] == "magic word car"
    assert found["radartuppen"][0] == "radar tip"
    translate.glossary_path(project).write_text("\tnothing\n", encoding="utf-8")
    with pytest.raises(TableError, match="Line 1"):
        translate.fill_names(project)


def test_both_directions(project: Project) -> None:
    there = translate.translate_text(project, "stridsvogn", to="en")
    back = translate.translate_text(project, "main battle tank", to="no")
    assert there is not None
    assert back is not None
    assert (there.text, back.text) == ("main battle tank", "stridsvogn")


def test_names_that_are_english_get_a_norwegian_one_and_the_other_stays(project: Project) -> None:
    """ "bridge" is English only; "M113" is the same in both; the tank is there in Norwegian too."""
    import_keywords(project, {"a.jpg": ["bridge", "main battle tank", "stridsvogn"]})
    before = english(project)
    report = translate.fill_norwegian(project)
    assert [(one.keyword.no, one.norwegian) for one in report.named] == [("bridge", "bro")]
    assert [one.no for one in report.unknown] == ["main battle tank"]
    after = english(project)
    assert after["bro"] == ("bridge", "machine")
    assert "bridge" not in after
    assert find(project, "bridge").no == "bro"
    assert {name: after[name] for name in WORDS} == {name: before[name] for name in WORDS}
    journal.undo(project.catalog)
    assert english(project) == before


def test_nothing_is_sent_without_consent(project: Project) -> None:
    service = Service()
    with pytest.raises(TranslationError, match="agreed"):
        translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == []
    assert not translate.log_path(project).exists()


def test_only_unknown_names_are_sent_and_noted(project: Project) -> None:
    allow_online_translation(project, "kari")
    with open_project(project.folder) as again:
        assert again.settings.online.translation
        assert again.settings.online.agreed_by == "kari"
    service = Service()
    report = translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == ["xyzzy", "Tuppen"]
    lines = translate.log_path(project).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["xyzzy", "Tuppen"]
    assert report.unknown == ()
    assert english(project)["xyzzy"] == ("XYZZY", "machine")
    assert journal.undo_title(project.catalog) == "Translate 5 names"
    allow_online_translation(project, "")
    assert not project.settings.online.translation


def test_a_consent_withdrawn_in_another_window_counts(project: Project) -> None:
    allow_online_translation(project, "kari")
    with open_project(project.folder) as other:
        allow_online_translation(other, "")
    service = Service()
    with pytest.raises(TranslationError, match="agreed"):
        translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == []
    assert not project.settings.online.translation  # so that the window asks again


class Meanwhile(Service):
    """After the first answer something happens in another window."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def translate(self, text: str) -> str | None:
        self.happens()
        return super().translate(text)


def test_a_consent_withdrawn_meanwhile_stops_what_is_not_sent_yet(project: Project) -> None:
    allow_online_translation(project, "kari")

    def withdraw() -> None:
        with open_project(project.folder) as other:
            allow_online_translation(other, "")

    service = Meanwhile(withdraw)
    with pytest.raises(TranslationError, match="agreed"):
        translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == ["xyzzy"]
    assert len(translate.log_path(project).read_text("utf-8").splitlines()) == 1
    assert english(project)["xyzzy"] == ("XYZZY", "machine")


def test_nothing_is_sent_while_nobody_knows_of_the_consent(project: Project) -> None:
    allow_online_translation(project, "kari")
    settings = project.folder / SETTINGS_FILE
    service = Meanwhile(lambda: settings.write_text("[online", "utf-8"))
    with pytest.raises(ProjectError, match="cannot be read"):
        translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == ["xyzzy"]
    assert english(project)["xyzzy"] == ("XYZZY", "machine")


def test_what_came_before_a_failure_is_kept(project: Project) -> None:
    allow_online_translation(project, "kari")
    with pytest.raises(TranslationError, match="does not answer"):
        translate.fill_names_online(project, Silent(), QUICK, Service(working=1))
    assert english(project)["xyzzy"] == ("XYZZY", "machine")
    assert english(project)["M113"] == ("M113", "machine")
    assert english(project)["Tuppen"] == (None, "imported")


class Stop(Silent):
    def __init__(self) -> None:
        self.left = 1

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_what_came_before_a_stop_is_kept(project: Project) -> None:
    allow_online_translation(project, "kari")
    service = Service()
    with pytest.raises(Cancelled):
        translate.fill_names_online(project, Stop(), QUICK, service)
    assert service.asked == ["xyzzy"]
    assert english(project)["xyzzy"] == ("XYZZY", "machine")


def test_nothing_is_sent_that_cannot_be_noted(project: Project) -> None:
    allow_online_translation(project, "kari")
    translate.log_path(project).mkdir()
    service = Service()
    with pytest.raises(StorageError, match="cannot be written"):
        translate.fill_names_online(project, Silent(), QUICK, service)
    assert service.asked == []
