"""Inputs that coverage guides, by atheris: ``python tests/hostile/guided.py LOADER [-runs=N]``.

For loaders in Python, whose branches it sees. It needs ``pip install atheris``, which has wheels
for few versions of Python and so is no part of the development environment. A fault is written to
a file ``crash-…`` in the working folder, as libFuzzer does.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

with atheris.instrument_imports(include=["core"]):
    from loaders import find_loader

    from core.errors import ClipkwError

from child import fault_of  # noqa: E402


def main() -> None:
    loader = find_loader(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made, corpus = folder / "made", folder / "corpus"
        made.mkdir()
        corpus.mkdir()
        for number, data in enumerate(loader.seeds(made)):
            (corpus / str(number)).write_bytes(data)

        def try_one(data: bytes) -> None:
            try:
                loader.load(folder, data)
            except ClipkwError as error:
                if fault := fault_of(error):
                    raise AssertionError(fault) from error

        atheris.Setup([*sys.argv, str(corpus)], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
