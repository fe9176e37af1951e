"""Calling back somebody who may be gone by now."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, SignalInstance

_DELETED_SOURCE = "Signal source has been deleted"


def is_alive(receiver: object) -> bool:
    """Whether no Qt object that a callback is bound to, or was given, has been deleted."""
    if isinstance(receiver, QObject):
        return shiboken6.isValid(receiver)
    if isinstance(receiver, partial):
        bound = (receiver.func, *receiver.args, *receiver.keywords.values())
        return all(is_alive(one) for one in bound)
    owner = getattr(receiver, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)


def call_back(receiver: Callable[..., None], *arguments: Any) -> None:
    """Call a receiver that is still there; a bug in it is reported, and others get their turn."""
    if not is_alive(receiver):
        return
    try:
        receiver(*arguments)
    except Exception as error:
        emits = isinstance(getattr(receiver, "__self__", None), SignalInstance)
        if not (emits and str(error) == _DELETED_SOURCE):
            sys.excepthook(type(error), error, error.__traceback__)
