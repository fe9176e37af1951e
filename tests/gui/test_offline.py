"""Nothing goes to a network unasked: the whole journey where no socket can be opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import guards
import pytest
import seccomp

JOURNEY = Path(__file__).with_name("offline_journey.py")
TRY_NATIVELY = """
import ctypes, sys
sys.path.insert(0, sys.argv[1])
import seccomp, socket
seccomp.forbid_internet_sockets()
socket.socketpair()
socket.socket(socket.AF_UNIX).close()
print("local ones can", flush=True)
ctypes.CDLL(None).socket(int(getattr(socket, sys.argv[2])), int(socket.SOCK_DGRAM), 0)
"""


@pytest.mark.timeout(900)
def test_the_whole_journey_opens_no_socket(tmp_path: Path) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HF_HUB_OFFLINE": "0",
        "HF_HOME": str(tmp_path / "hub"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    done = subprocess.run(
        [sys.executable, JOURNEY, tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.endswith("done\n")


@pytest.mark.skipif(not seccomp.CAN_FORBID, reason="the kernel has no such filter here")
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_the_kernel_ends_what_opens_a_socket_natively(family: str) -> None:
    tests = Path(seccomp.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", TRY_NATIVELY, tests, family],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "local ones can\n"
    assert done.returncode < 0


@pytest.mark.parametrize(
    "reach",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80))",
        "import socket; socket.getaddrinfo('example.org', 443)",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
    ],
)
def test_the_guard_of_the_tests_sees_it(reach: str) -> None:
    source = f"import sys; sys.path.insert(0, {str(Path(guards.__file__).parent)!r})\n"
    source += f"import guards\nguard = guards.NetworkGuard()\ntry:\n    {reach}\n"
    source += "except Exception:\n    pass\nsys.exit(3 if guard.seen else 0)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
