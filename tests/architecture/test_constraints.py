"""The pinned versions must install on every Python the project promises."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def lowest_python() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (lowest,) = re.findall(r">=\s*([\d.]+)", project["requires-python"])
    return f"{lowest}.0"


def test_every_pinned_version_installs_on_the_lowest_python() -> None:
    pinned = PINNED.findall((ROOT / "constraints.txt").read_text("utf-8"))
    assert pinned
    refused = []
    for name, version in pinned:
        try:
            package = metadata(name)
        except PackageNotFoundError:
            continue  # pinned for another platform
        if package["Version"] != version:
            continue
        required = SpecifierSet(package["Requires-Python"] or "")
        if lowest_python() not in required:
            refused.append(f"{name}=={version} wants Python {required}")
    assert not refused, refused
