"""Rules about the source that no linter knows: threads, unpickling, traces of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for room in ("core", "clipkw_gui", "resources") for path in (ROOT / room).rglob("*.py")
)
THREADS = {"Thread", "Timer", "QThread", "QThreadPool", "QRunnable"}
POOL_ROOMS = ("core/workflows", "core/images", "clipkw_gui/jobs")
TABLE_WRITERS = {"csv.writer", "csv.DictWriter", "openpyxl.Workbook", "np.savetxt"}
WRITES_TABLES = ("core/reporting/csv_table.py", "core/demo/archive.py")
NETWORK = {"socket", "ssl", "http", "urllib", "requests", "httpx", "urllib3", "aiohttp", "ftplib"}
ASKED_ONLINE = ("core/translation/online.py",)
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
MACHINE = re.compile(
    rb"(?<![\w.])/(?:home|root|work|tmp|opt|Users|mnt)/\w"
    rb"|pypi\.(?:org|io)|pythonhosted|deb\.debian\.org"
)


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Every name and attribute that a module uses, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Top-level package of every import of a module, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.partition(".")[0]


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_threads_live_in_the_jobs_room_only() -> None:
    found = []
    for path in SOURCES:
        room = path.relative_to(ROOT).as_posix()
        if room.startswith("clipkw_gui/jobs/"):
            continue
        forbidden = THREADS if room.startswith(POOL_ROOMS) else THREADS | {"ThreadPoolExecutor"}
        found += [f"{place(path, line)} {name}" for line, name in names(path) if name in forbidden]
    assert not found


def test_nothing_is_ever_unpickled() -> None:
    found = [
        f"{place(path, line)} {name}"
        for path in SOURCES
        for line, name in imported(path)
        if name in UNPICKLERS
    ]
    assert not found


def test_no_call_runs_code_from_a_file() -> None:
    found = []
    for path in SOURCES:
        for call in calls(path):
            text = ast.unparse(call.func)
            given = {item.arg: ast.unparse(item.value) for item in call.keywords}
            if (
                text in {"eval", "exec", "compile", "os.system", "os.popen", "__import__"}
                or text in {"yaml.load", "yaml.unsafe_load", "pd.read_pickle", "torch.jit.load"}
                or (text == "torch.load" and given.get("weights_only") != "True")
                or given.get("allow_pickle", "False") != "False"
                or (text in {"np.load", "numpy.load"} and "allow_pickle" not in given)
                or given.get("weights_only", "True") != "True"
                or given.get("shell", "False") != "False"
            ):
                found.append(f"{place(path, call.lineno)} {text}")
    assert not found


def test_tables_are_written_where_formulas_are_neutralised() -> None:
    found = [
        place(path, call.lineno)
        for path in SOURCES
        if path.relative_to(ROOT).as_posix() not in WRITES_TABLES
        for call in calls(path)
        if ast.unparse(call.func) in TABLE_WRITERS
    ]
    assert not found


def test_no_source_file_reaches_for_the_network_but_those_that_are_asked_to() -> None:
    found = [
        f"{place(path, line)} {name}"
        for path in SOURCES
        for line, name in imported(path)
        if name in NETWORK and path.relative_to(ROOT).as_posix() not in ASKED_ONLINE
    ]
    assert not found
    whole = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert "QtNetwork" not in whole
    assert "QtWebEngine" not in whole


def test_no_tracked_file_names_a_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or b"\0" in path.read_bytes()[:4096]:
            continue
        found += [f"{name}: {match.decode()}" for match in MACHINE.findall(path.read_bytes())]
    assert not found
