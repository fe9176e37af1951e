"""What counts as going to a network, for the hooks that watch it."""

from __future__ import annotations

import socket
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


def is_local(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether an event of a socket stays between processes of this machine."""
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        return bool(getattr(arguments[0], "family", None) == socket.AF_UNIX)
    return False
