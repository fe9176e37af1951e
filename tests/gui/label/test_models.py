"""Item models under Qt's own tester, the thumbnail cache, and views over very many rows."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clipkw_gui.delegates.thumbnail import ThumbnailDelegate
from clipkw_gui.models.folders import FolderModel
from clipkw_gui.models.keywords import KeywordIndex, KeywordModel
from clipkw_gui.models.labels import LabelModel
from clipkw_gui.models.queue import BLOCK, QueueModel
from clipkw_gui.models.references import ReferenceModel
from clipkw_gui.models.suggestions import SuggestionModel
from clipkw_gui.models.thumbnails import IN_FLIGHT, ThumbnailStore
from clipkw_gui.roles import Role
from clipkw_gui.widgets.thumbnail_view import LARGEST, SMALLEST, ThumbnailView
from core.types import (
    Image,
    ImageId,
    ImageState,
    ImageSuggestions,
    Keyword,
    KeywordId,
    KeywordStatus,
    Label,
    Reference,
    Suggestion,
    Verdict,
)

MANY = 300_000
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)


def keyword(number: int, no: str, en: str | None = None) -> Keyword:
    return Keyword(KeywordId(number), no, en, KeywordStatus.CONFIRMED)


KEYWORDS = [
    keyword(1, "tankbil", "tank truck"),
    keyword(2, "stridsvogn", "tank"),
    keyword(3, "lastebil", "truck"),
    keyword(4, "åpen lastebil"),
]


def record(number: int) -> Image:
    return Image(ImageId(number), f"a/{number}.jpg", "", 1, 4, 3, ImageState.PRESENT)


@pytest.fixture
def store(qapp: object) -> ThumbnailStore:
    return ThumbnailStore(capacity=8)


# models ---------------------------------------------------------------------------------------


def test_queue_model(store: ThumbnailStore) -> None:
    model = QueueModel(store)
    QAbstractItemModelTester(model, FATAL)
    model.set_ids(np.array([7, 3, 9]))
    model.put_rows([record(3)], {ImageId(3): (label(1, Verdict.ACCEPTED),)})
    assert [model.row_of(ImageId(one)) for one in (7, 3, 9, 4)] == [0, 1, 2, -1]
    assert model.index(1).data() == "3.jpg"
    assert model.index(0).data() is None
    assert model.index(1).data(Role.VERDICTS) == {Verdict.ACCEPTED}
    model.set_ids(np.array([5]))


def test_images_that_arrive_stand_at_the_end_of_the_queue(
    store: ThumbnailStore, qtbot: QtBot
) -> None:
    model = QueueModel(store)
    QAbstractItemModelTester(model, FATAL)
    model.set_ids(np.array([7, 3]))
    with qtbot.waitSignal(model.rows_wanted):
        model.index(1).data()
    model.append_ids(np.array([5, 1]))
    assert model.ids.tolist() == [7, 3, 5, 1]
    assert [model.row_of(ImageId(one)) for one in (7, 3, 5, 1, 4)] == [0, 1, 2, 3, -1]
    with qtbot.waitSignal(model.rows_wanted) as asked:
        model.index(3).data()
    assert asked.args[0] == [7, 3, 5, 1]


def test_queue_model_asks_for_the_block_that_is_looked_at(
    store: ThumbnailStore, qtbot: QtBot
) -> None:
    model = QueueModel(store)
    model.set_ids(np.arange(MANY))
    with qtbot.waitSignal(model.rows_wanted) as asked:
        model.index(BLOCK * 10 + 5).data()
    assert asked.args[0] == list(range(BLOCK * 10, BLOCK * 11))


def test_suggestion_model_numbers_and_divides(qapp: object) -> None:
    model = SuggestionModel()
    QAbstractItemModelTester(model, FATAL)
    rows = tuple(
        Suggestion(keyword(n, f"nr {n}"), 0.9 - n / 50, above_threshold=n < 8) for n in range(12)
    )
    model.set_suggestions(ImageSuggestions(ImageId(1), "", "", "", rows), {})
    numbers = [model.index(row).data(Role.NUMBER) for row in range(model.rowCount())]
    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8, None, 9, 0, 0, 0]
    assert model.index(8).data(Role.DIVIDER)
    assert model.flags(model.index(8)) == Qt.ItemFlag.NoItemFlags
    assert model.suggestion(9) == rows[8]
    assert len(model.above_threshold()) == 8
    model.set_verdicts({rows[0].keyword.id: Verdict.ACCEPTED})
    assert model.first_open() == rows[1]


@pytest.mark.parametrize(("above", "below"), [(0, 24), (3, 21), (18, 6), (22, 6), (30, 6)])
def test_runners_up_fill_the_list(above: int, below: int, qapp: object) -> None:
    model = SuggestionModel()
    rows = tuple(
        Suggestion(keyword(n, f"nr {n}"), 1 - n / 100, above_threshold=n < above) for n in range(70)
    )
    model.set_suggestions(ImageSuggestions(ImageId(1), "", "", "", rows), {})
    shown = [model.suggestion_at(row) for row in range(model.rowCount())]
    assert len(model.above_threshold()) == min(above, 24)
    assert shown[shown.index(None) + 1 :] == list(rows[above : above + below])


def test_other_models(store: ThumbnailStore) -> None:
    names = {one.id: one for one in KEYWORDS}
    references = ReferenceModel(store)
    QAbstractItemModelTester(references, FATAL)
    references.set_keywords(names)
    first = Reference(ImageId(1), "a/1.jpg", 0.91, 0.6, (KeywordId(1), KeywordId(3)))
    references.set_references([first])
    references.set_in_hand(KeywordId(2))
    assert references.index(0).data() == "tankbil, lastebil"
    assert references.index(0).data(Role.LIGHT) == -1
    keywords = KeywordModel()
    QAbstractItemModelTester(keywords, FATAL)
    keywords.set_counts([(one, 5) for one in KEYWORDS])
    keywords.set_filter("TANK")
    assert [keywords.keyword_at(row).no for row in range(2)] == ["tankbil", "stridsvogn"]
    labels = LabelModel()
    QAbstractItemModelTester(labels, FATAL)
    labels.set_labels([(KEYWORDS[0], label(1, Verdict.REJECTED)),
                       (KEYWORDS[1], label(2, Verdict.IMPORTED))])  # fmt: skip
    assert [labels.index(row).data() for row in range(2)] == ["stridsvogn", "tankbil"]


def test_folder_model(qapp: object) -> None:
    model = FolderModel()
    QAbstractItemModelTester(model, FATAL)
    model.set_total(4)
    model.set_counts([("b", 3), ("b/x", 2), ("a", 1)])
    top = model.index(0, 0)
    assert top.data(Role.COUNT) == 4
    assert [model.index(row, 0, top).data() for row in range(2)] == ["a", "b"]
    inner = model.index_of("b/x")
    assert model.path_at(inner) == "b/x"
    assert model.path_at(inner.parent()) == "b"
    model.set_total(5)
    model.set_counts([("b", 4), ("b/x", 2), ("a", 1)])
    assert model.index_of("b").data(Role.COUNT) == 4
    assert model.path_at(inner) == "b/x", "other counts leave the folders where they are"
    assert model.index(0, 0).data(Role.COUNT) == 5
    model.set_counts([])
    assert model.index(0, 0).data(Role.COUNT) == 5


def label(number: int, verdict: Verdict) -> Label:
    return Label(ImageId(3), KeywordId(number), verdict, "kari", NOW)


def test_finding_keywords_in_both_languages_best_first() -> None:
    index = KeywordIndex(KEYWORDS)
    assert names(index.search("tank")) == ["stridsvogn", "tankbil"]
    assert names(index.search("laste")) == ["lastebil", "åpen lastebil"]
    assert index.exact(" Tank  Truck ") == KEYWORDS[0]
    assert index.exact("bil") is None


def names(found: list[tuple[Keyword, str]]) -> list[str]:
    return [keyword.no for keyword, _ in found]


def test_a_keyword_is_found_by_its_synonyms_and_it_is_said_by_which() -> None:
    synonyms = {KEYWORDS[0].id: ("Drivstoffbil", "bensinbil"), KEYWORDS[1].id: ("panservogn",)}
    index = KeywordIndex(KEYWORDS, synonyms)
    tanker, tank = KEYWORDS[:2]
    assert index.search("drivstoff") == [(tanker, f"{tanker.en} · also “Drivstoffbil”")]
    assert index.search("panservogn") == [(tank, f"{tank.en} · also “panservogn”")]
    assert index.search("tankbil") == [(tanker, tanker.en)], "its own name needs no explanation"
    assert index.exact(" BENSINBIL ") == tanker
    own, by_synonym = "lastebil", "tankbil"
    assert names(KeywordIndex(KEYWORDS, {tanker.id: ("lastebil",)}).search("lastebil"))[:2] == [
        own,
        by_synonym,
    ]
    model = KeywordModel()
    model.set_counts([(one, 5) for one in KEYWORDS], synonyms)
    model.set_filter("bensin")
    assert [model.keyword_at(row) for row in range(model.rowCount())] == [tanker]
    assert model.index(0).data(Role.SECONDARY) == f"{tanker.en} · also “bensinbil”"


# thumbnails -----------------------------------------------------------------------------------


def test_store_asks_newest_first_and_never_for_too_many(
    store: ThumbnailStore, qtbot: QtBot
) -> None:
    asked: list[int] = []
    store.wanted.connect(asked.extend)
    for number in range(1000):
        assert store.get(ImageId(number)) is None
    qtbot.waitUntil(lambda: len(asked) == IN_FLIGHT)
    assert asked[:3] == [999, 998, 997]
    picture = QImage(4, 4, QImage.Format.Format_RGB32)
    for number in list(asked):
        store.put(ImageId(number), picture)
    assert len(store) == 8


def test_store_remembers_that_there_is_no_picture(store: ThumbnailStore, qtbot: QtBot) -> None:
    with qtbot.waitSignal(store.wanted):
        store.get(ImageId(1))
    store.put(ImageId(1), None)
    with qtbot.assertNotEmitted(store.wanted, wait=20):
        assert store.get(ImageId(1)) is None


# the view -------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["grid", "strip"])
def view(request: pytest.FixtureRequest, qtbot: QtBot, store: ThumbnailStore) -> ThumbnailView:
    view = ThumbnailView(QSize(100, 90), grid=request.param)
    qtbot.addWidget(view)
    model = QueueModel(store, view)
    model.set_ids(np.arange(MANY) + 10)
    view.setModel(model)
    view.setItemDelegate(ThumbnailDelegate(view))
    view.resize(640, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_places_and_back(view: ThumbnailView) -> None:
    for row in (0, 5, 6, 7, 123_456, MANY - 1):
        view.scrollTo(view.model().index(row, 0))
        place = view.visualRect(view.model().index(row, 0))
        assert view.viewport().rect().intersects(place)
        assert view.indexAt(place.center()).row() == row
        assert row in view.visible_rows()
    view.scrollTo(view.model().index(0, 0))
    assert not view.indexAt(QPoint(-5, 5)).isValid()


def test_keyboard_and_ranges(view: ThumbnailView, qtbot: QtBot) -> None:
    view.setCurrentIndex(view.model().index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == MANY - 1
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().row() == 1
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_ids(view.model().ids).tolist() == [11, 12, 13]


def test_mouse_selects_ranges_and_single_rows(view: ThumbnailView, qtbot: QtBot) -> None:
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    places = [view.visualRect(view.model().index(row, 0)).center() for row in range(6)]
    qtbot.mouseClick(view.viewport(), left, pos=places[4])
    qtbot.mouseClick(view.viewport(), left, keys.ShiftModifier, places[1])
    assert view.selected_ids(view.model().ids).tolist() == [11, 12, 13, 14]
    qtbot.mouseClick(view.viewport(), left, keys.ControlModifier, places[2])
    assert view.selected_ids(view.model().ids).tolist() == [11, 13, 14]


def test_rows_that_arrive_can_be_scrolled_to(view: ThumbnailView) -> None:
    bars = view.verticalScrollBar(), view.horizontalScrollBar()
    before = [bar.maximum() for bar in bars]
    view.model().append_ids(np.arange(4000) + 2 * MANY)
    assert [bar.maximum() for bar in bars] > before


def test_a_thumbnail_that_arrives_paints_its_own_cell_and_no_other(
    view: ThumbnailView, store: ThumbnailStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    paint = ThumbnailDelegate.paint

    def note(delegate: ThumbnailDelegate, painter: object, option: object, index: object) -> None:
        painted.append(index.row())
        paint(delegate, painter, option, index)

    qtbot.wait(50)
    monkeypatch.setattr(ThumbnailDelegate, "paint", note)
    store.put(view.model().id_at(3), QImage(4, 4, QImage.Format.Format_RGB32))
    store.put(view.model().id_at(MANY - 1), QImage(4, 4, QImage.Format.Format_RGB32))
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(20)
    assert painted == [3]


class PaintedRegions(QObject):
    """Collects what is painted of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.whole = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QPaintEvent):
            self.whole += event.region()
        return False


def test_scrolling_paints_only_what_comes_into_sight(view: ThumbnailView, qtbot: QtBot) -> None:
    qtbot.wait(50)
    painted = PaintedRegions(view.viewport())
    bars = (view.verticalScrollBar(), view.horizontalScrollBar())
    bar = next(one for one in bars if one.maximum())
    bar.setValue(30)
    qtbot.waitUntil(lambda: not painted.whole.isEmpty())
    qtbot.wait(20)
    room = view.viewport().rect()
    new = (room.adjusted(0, room.height() - 30, 0, 0), room.adjusted(room.width() - 30, 0, 0, 0))
    assert painted.whole.intersected(new[bars.index(bar)]) == QRegion(new[bars.index(bar)])
    assert not painted.whole.contains(room.center())


def make_grid(qtbot: QtBot, store: ThumbnailStore, width: int) -> ThumbnailView:
    view = ThumbnailView(QSize(152, 118), grid=True)
    qtbot.addWidget(view)
    model = QueueModel(store, view)
    model.set_ids(np.arange(MANY) + 10)
    view.setModel(model)
    view.resize(width, 500)
    view.show()
    return view


@pytest.mark.parametrize("width", [640, 800, 1333])
def test_a_grid_takes_the_whole_width(qtbot: QtBot, store: ThumbnailStore, width: int) -> None:
    view = make_grid(qtbot, store, width)
    places = [view.visualRect(view.model().index(row, 0)) for row in range(40)]
    columns = sum(place.top() == places[0].top() for place in places)
    spare = view.viewport().width() - (places[columns - 1].right() + 1 - places[0].left())
    assert columns == view.viewport().width() // 152
    assert 0 <= spare < columns
    # an edge of 8 pixels on all sides of a picture of 4 : 3: gaps are as wide as they are high
    cell = view.cell
    assert abs((cell.height() - 16) - (cell.width() - 16) * 3 / 4) <= 1


def test_cells_grow_and_shrink_and_the_current_one_stays_in_sight(
    qtbot: QtBot, store: ThumbnailStore
) -> None:
    view = make_grid(qtbot, store, 640)
    view.setCurrentIndex(view.model().index(200_000, 0))
    before = view.cell.width()
    with qtbot.waitSignal(view.zoomed):
        view.zoom_in()
    assert view.cell.width() > before
    for _ in range(30):
        view.zoom_in()
    assert LARGEST <= view.cell.width() < 2 * LARGEST
    for _ in range(30):
        view.zoom_out()
        assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())
    assert SMALLEST <= view.cell.width() < 2 * SMALLEST


def test_select_all_means_all(view: ThumbnailView) -> None:
    view.selectAll()
    assert view.selected_count() == MANY
    assert len(view.selected_ids(view.model().ids)) == MANY
    view.selectionModel().select(
        view.model().index(5, 0), QItemSelectionModel.SelectionFlag.Deselect
    )
    assert view.selected_count() == MANY - 1


def test_every_row_says_everything_it_can(store: ThumbnailStore) -> None:
    """Tool tips and texts for screen readers of all models, in full."""
    labels = LabelModel()
    labels.set_labels([(KEYWORDS[0], label(1, Verdict.ACCEPTED))])
    assert (
        labels.index(0)
        .data(Qt.ItemDataRole.ToolTipRole)
        .startswith("tankbil – tank truck\naccepted by kari, ")
    )
    suggestions = SuggestionModel()
    row = Suggestion(KEYWORDS[0], 0.834, above_threshold=True)
    suggestions.set_suggestions(ImageSuggestions(ImageId(1), "", "", "", (row,)), {})
    spoken = suggestions.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "tankbil, tank truck, 83%"
    assert "Shift+1" in suggestions.index(0).data(Qt.ItemDataRole.ToolTipRole)
    references = ReferenceModel(store)
    references.set_references([Reference(ImageId(1), "a/1.jpg", 0.91, 0.6, ())])
    tip = references.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("1.jpg\nweight 60.0%, similarity 0.910")
