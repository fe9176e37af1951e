"""Fixtures of the tests with faults."""

from fault_bench import archive, disk, empty, encoder, on_disk, project

__all__ = ["archive", "disk", "empty", "encoder", "on_disk", "project"]
