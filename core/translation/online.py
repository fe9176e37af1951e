"""Translation by a service on the Internet. Whoever calls it has asked the people of the project.

Slow on purpose: one request at a time, with a pause between them, so that nobody is blocked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from core.errors import TranslationError
from core.progress import Progress

SERVICE = "Google Translate"
_SLICE = 0.1
"""Seconds between two looks at whether to stop."""


class Client(Protocol):
    """A service: deep-translator's, or one of a test."""

    def translate(self, text: str) -> str | None:
        """The text in the other language; None if there is none."""


@dataclass(frozen=True, slots=True)
class OnlineLimits:
    """Seconds to wait for an answer and between two requests, and attempts after the first.

    Before the attempt number n (from 1) another ``backoff * 2**(n - 1)`` seconds pass.
    """

    timeout: float = 10.0
    pause: float = 0.5
    attempts: int = 3
    backoff: float = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One text that is about to leave this machine."""

    at: datetime
    service: str
    text: str


def translate_online(
    texts: Sequence[str],
    client: Client,
    log: Callable[[Sent], None],
    progress: Progress,
    limits: OnlineLimits | None = None,
) -> Iterator[tuple[str, str | None]]:
    """Each text with its translation, as they come; None where the service has none.

    ``log`` is called before each request. Raises :class:`TranslationError` when the service does
    not answer, and :class:`core.errors.Cancelled`; what was given out until then is sound.
    """
    chosen = limits or OnlineLimits()
    for number, text in enumerate(texts):
        if number:
            _wait(chosen.pause, progress)
        yield text, _asked(text, client, log, progress, chosen)
        progress.report(number + 1, len(texts), text)


def google_client(source: str, target: str, timeout: float, url: str = "") -> Client:
    """deep-translator's client of Google Translate; ``url`` is that of another server, for tests.

    Raises :class:`TranslationError` if deep-translator is not installed.
    """
    try:
        from deep_translator import GoogleTranslator, google
    except ImportError as error:
        raise TranslationError(
            "Online translation is not installed.", 'Run: pip install "clipkw[online]"'
        ) from error
    # deep-translator waits for ever: it offers no time limit.
    google.requests = _TimedRequests(timeout)
    client = GoogleTranslator(source=source, target=target)
    if url:
        client._base_url = url
    translator: Client = client
    return translator


class _TimedRequests:
    """The part of ``requests`` that deep-translator uses, with a time limit."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def get(self, url: str, **options: Any) -> Any:
        """A GET request that ends."""
        import requests

        return requests.get(url, timeout=self._timeout, **options)


def _asked(
    text: str,
    client: Client,
    log: Callable[[Sent], None],
    progress: Progress,
    limits: OnlineLimits,
) -> str | None:
    for attempt in range(limits.attempts + 1):
        if attempt:
            _wait(limits.backoff * 2 ** (attempt - 1), progress)
        progress.checkpoint()
        log(Sent(datetime.now(UTC), SERVICE, text))
        try:
            answer = client.translate(text)
        except Exception as error:
            if _has_no_translation(error):
                return None
            reason = error
            continue
        return " ".join(answer.split()) if answer and answer.strip() else None
    raise TranslationError(
        f"{SERVICE} does not answer ({type(reason).__name__}).",
        "Names that were translated are kept. Try again later, or translate offline.",
    ) from reason


def _has_no_translation(error: Exception) -> bool:
    return type(error).__name__ in {"TranslationNotFound", "NotValidPayload", "NotValidLength"}


def _wait(seconds: float, progress: Progress) -> None:
    end = time.monotonic() + seconds
    progress.checkpoint()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _SLICE))
        progress.checkpoint()
