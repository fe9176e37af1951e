"""Online translation against a server on this machine: never a real network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from typing import ClassVar
from urllib.parse import parse_qs, urlparse

import pytest

from core.errors import Cancelled, TranslationError
from core.progress import Silent
from core.translation.online import (
    OnlineLimits,
    Sent,
    google_client,
    translate_online,
)

QUICK = OnlineLimits(timeout=0.3, pause=0, attempts=2, backoff=0.01)


class Answers(BaseHTTPRequestHandler):
    """A page like that of the service; what is asked is noted."""

    asked: ClassVar[list[dict[str, list[str]]]] = []
    failures: ClassVar[list[int]] = []
    hold: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        query = parse_qs(urlparse(self.path).query)
        self.asked.append(query)
        if self.failures:
            self.send_error(self.failures.pop(0))
            return
        if "vent" in query["q"]:
            self.hold.wait(5)
        self.send_response(200)
        self.end_headers()
        answer = f'<div class="result-container">  the   {query["q"][0]}</div>'
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *arguments: object) -> None: ...


@contextmanager
def serve() -> Iterator[str]:
    Answers.asked.clear()
    Answers.failures.clear()
    Answers.hold.clear()
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/m"
    finally:
        Answers.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def url(loopback: None) -> Iterator[str]:
    with serve() as url:
        yield url


class FakeClient:
    """A service that fails ``failures`` times, then answers in capitals."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.asked: list[str] = []

    def translate(self, text: str) -> str | None:
        self.asked.append(text)
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        return None if text == "ukjent" else text.upper()


def test_texts_are_logged_before_they_are_sent(url: str) -> None:
    log: list[Sent] = []
    client = google_client("no", "en", QUICK.timeout, url)
    found = list(translate_online(["skog", "øy"], client, log.append, Silent(), QUICK))
    assert found == [("skog", "the skog"), ("øy", "the øy")]
    assert [sent.text for sent in log] == ["skog", "øy"]
    assert [(one["q"], one["sl"], one["tl"]) for one in Answers.asked] == [
        (["skog"], ["no"], ["en"]),
        (["øy"], ["no"], ["en"]),
    ]


def test_server_that_hangs_is_not_waited_for(url: str) -> None:
    client = google_client("no", "en", 0.1, url)
    log: list[Sent] = []
    with pytest.raises(TranslationError, match="does not answer"):
        list(translate_online(["vent"], client, log.append, Silent(), QUICK))
    assert len(log) == 1 + QUICK.attempts


def test_busy_server_is_asked_again(url: str) -> None:
    Answers.failures[:] = [429, 503]
    client = google_client("no", "en", QUICK.timeout, url)
    found = translate_online(["skog"], client, lambda sent: None, Silent(), QUICK)
    assert list(found) == [("skog", "the skog")]
    assert len(Answers.asked) == 3


def test_what_came_before_a_failure_is_given_out() -> None:
    client = FakeClient()
    answers = translate_online(["a", "b"], client, lambda sent: None, Silent(), QUICK)
    assert next(answers) == ("a", "A")
    client.failures = 3
    with pytest.raises(TranslationError):
        next(answers)
    assert client.asked == ["a", "b", "b", "b"]


def test_text_without_a_translation_is_none() -> None:
    found = translate_online(["ukjent"], FakeClient(), lambda sent: None, Silent(), QUICK)
    assert list(found) == [("ukjent", None)]


class StopAfter(Silent):
    """Asks to stop at the checkpoint after so many."""

    def __init__(self, checkpoints: int) -> None:
        self.left = checkpoints

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_stopping_does_not_wait_for_the_pause() -> None:
    client = FakeClient()
    slow = OnlineLimits(pause=3600)
    answers = translate_online(["a", "b"], client, lambda sent: None, StopAfter(3), slow)
    assert next(answers) == ("a", "A")
    with pytest.raises(Cancelled):
        next(answers)
    assert client.asked == ["a"]


def test_requests_keep_their_distance() -> None:
    times: list[float] = []
    limits = OnlineLimits(pause=0.05)
    texts = ["a", "b", "c"]
    noted = translate_online(
        texts, FakeClient(), lambda sent: times.append(sent.at.timestamp()), Silent(), limits
    )
    assert [text for text, _ in noted] == texts
    assert min(second - first for first, second in pairwise(times)) >= 0.05
