"""A process that cannot open a socket of the Internet, whatever library it has loaded.

Audit hooks see what Python's own socket module does; the kernel sees native code and children too.
"""

from __future__ import annotations

import ctypes
import platform
import socket
import struct

_SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 22, 2, 38
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_KILL_PROCESS, _ALLOW = 0x8000_0000, 0x7FFF_0000
_SOCKET_CALLS = {"x86_64": 41, "aarch64": 198}
_NUMBER, _FIRST_ARGUMENT = 0, 16
"""Offsets in the kernel's description of a call."""

CAN_FORBID = platform.system() == "Linux" and platform.machine() in _SOCKET_CALLS


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def forbid_internet_sockets() -> None:
    """From now on, opening an IPv4 or IPv6 socket kills this process or the child that does it."""
    steps = (
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_EQUAL, 0, 4, _SOCKET_CALLS[platform.machine()]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, int(socket.AF_INET)),
        (_JUMP_IF_EQUAL, 0, 1, int(socket.AF_INET6)),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_RETURN, 0, 0, _ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_NO_NEW_PRIVILEGES, 1, 0, 0, 0),
        (_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0),
    ):
        if library.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")
