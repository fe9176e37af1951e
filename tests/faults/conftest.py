"""Fixtures of the tests with faults; an endurance run takes them along."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_bench import archive, disk, empty, encoder, on_disk, project

__all__ = ["archive", "disk", "empty", "encoder", "on_disk", "project"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here belong to the endurance run too."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.faults)


@pytest.fixture(autouse=True)
def counted(request: pytest.FixtureRequest) -> None:
    """A test is a fault, unless it counts what it does itself."""
    if request.node.get_closest_marker("endurance") is None:
        request.node.user_properties.append(("faults", 1))
