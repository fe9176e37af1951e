"""What counts as going to a network, and a guard that lets nothing do so unseen."""

from __future__ import annotations

import socket
import sys
from typing import Any

OPENS_A_SOCKET = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    }
)
"""Audit events of Python that ask for a name or talk to a place."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_local(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether an event stays between processes of this machine and could not do otherwise.

    A socket may be bound to the machine itself: libraries find out in that way what it can do.
    """
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        if arguments[0].family == socket.AF_UNIX:
            return True
        return event == "socket.bind" and arguments[1][0] in LOOPBACK
    return False


def is_loopback(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether an event is about the machine itself by its address, as with a server of a test."""
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        return bool(arguments[1][0] in LOOPBACK)
    return arguments[0] in LOOPBACK


class NetworkGuard:
    """From its making on, what goes to a network fails and is remembered in ``seen``.

    It can never be taken off again: that is how Python's audit hooks are.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.allows_loopback = False
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in OPENS_A_SOCKET or is_local(event, arguments):
            return
        if self.allows_loopback and is_loopback(event, arguments):
            return
        self.seen.append(f"{event} {arguments!r}")
        raise RuntimeError(f"Nobody asked for a network: {event} {arguments!r}")
