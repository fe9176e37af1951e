"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from endurance import table
from guards import NetworkGuard
from hypothesis import settings

# how long an example takes tells about the machine, not about the code
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """An endurance run ends with what it did."""
    if terminalreporter.config.getoption("-m") in ("endurance", ENDURANCE):
        ended = (
            *terminalreporter.stats.get("passed", ()),
            *terminalreporter.stats.get("failed", ()),
        )
        terminalreporter.section("endurance")
        for line in table([one for one in ended if one.when == "call"]):
            terminalreporter.line(line)


SHARED = Path(__file__).resolve().parents[2] / "shared"
NO_PHOTOGRAPHS = "the real photographs and the development encoder are not beside the checkout"

ENDURANCE = "endurance or faults"
NETWORK = NetworkGuard()


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """A test during which anything goes to a network fails, even if the program caught it."""
    NETWORK.seen.clear()
    yield
    assert not NETWORK.seen, f"nobody asked for it: {NETWORK.seen}"


@pytest.fixture
def loopback() -> Iterator[None]:
    """For a test with a server of its own: this machine may be talked to, no other one."""
    NETWORK.allows_loopback = True
    yield
    NETWORK.allows_loopback = False


@pytest.fixture(scope="session")
def aircraft() -> Path:
    """Folder of real aircraft photographs with ``labels.csv``."""
    folder = SHARED / "data" / "aircraft"
    if not (folder / "labels.csv").is_file():
        pytest.skip(NO_PHOTOGRAPHS)
    return folder


@pytest.fixture(scope="session")
def dev_encoder() -> Path:
    """Folder of a small real image-text encoder for open_clip."""
    folder = SHARED / "models" / "clipkw-dev-mobilenetv2"
    if not (folder / "open_clip_config.json").is_file():
        pytest.skip(NO_PHOTOGRAPHS)
    return folder
