"""Too little memory in decoding, encoding and searching: said, survived, and gone on from."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL.Image
import pytest
from fault_bench import COUNT, MeanEncoder

from core.catalog import keywords, overview
from core.catalog.images import problems
from core.cli.terminal import ExitCode, run
from core.encoders.memory import shortage_of
from core.errors import DamagedVectorsError, ImageError, MemoryShortageError
from core.features import FeatureFile
from core.images import examine
from core.progress import Silent
from core.similarity.leaders import Leaders
from core.similarity.top_k import top_k
from core.types import ImageId
from core.workflows import decoding, label
from core.workflows.encode import encode_images, pending
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import Project, open_project
from core.workflows.suggest import Suggester

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIMITED = """
import resource
import sys
from pathlib import Path

here, folder, spare, command, *greedy = sys.argv[1:]
sys.path.insert(0, here)
import h5py, numpy, sklearn.neighbors, torch
from fault_bench import MeanEncoder
from core.cli import main
from core.workflows import encode, suggest

class Encoder(MeanEncoder):
    def encode_images(self, batch):
        if greedy:
            torch.ones((len(batch), 1 << 28))
        return super().encode_images(batch)

encode.load_encoder = lambda *_, **__: Encoder()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = used + (int(spare) << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
sys.exit(int(main([command, folder])))
"""


def test_a_file_too_large_to_read_is_listed_by_the_import(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = examine._read_all

    def read(stream: io.FileIO, expected: int) -> bytes:
        if str(stream.name).endswith("03.png"):
            raise MemoryError
        return real(stream, expected)

    monkeypatch.setattr(examine, "_read_all", read)
    found = import_images(empty, Silent())
    assert found.added == COUNT - 1
    assert [one.reason for one in found.unreadable] == ["There is not enough memory to decode it."]
    monkeypatch.setattr(examine, "_read_all", real)
    assert import_images(empty, Silent()).added == 1


def test_an_image_too_large_to_decode_is_listed_and_tried_again(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_images(empty, Silent())
    real = decoding.decode

    def greedy(path: Path, *others: Any) -> Any:
        if path.name == "03.png":
            raise ImageError("There is not enough memory to decode it.")
        return real(path, *others)

    monkeypatch.setattr(decoding, "decode", greedy)
    report = encode_images(empty, Silent())
    assert (report.encoded, len(report.failed)) == (COUNT - 1, 1)
    monkeypatch.setattr(decoding, "decode", real)
    assert encode_images(empty, Silent()).encoded == 1


def test_an_encoder_without_memory_keeps_what_was_encoded(
    empty: Project, encoder: MeanEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_images(empty, Silent())
    calls = 0
    real = encoder.encode_images

    def hungry(batch: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return real(batch)

    monkeypatch.setattr(encoder, "encode_images", hungry)
    with pytest.raises(RuntimeError) as told:
        encode_images(empty, Silent(), batch_size=4)
    shortage = shortage_of(told.value, "Encode images")
    assert shortage is not None
    assert "what was done is kept" in shortage.remedy
    assert encode_images(empty, Silent()).encoded == COUNT - 8


def test_a_search_without_memory_is_said_and_the_next_one_answers(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggester = Suggester.load(project, Silent())
    with monkeypatch.context() as patch:

        def full(*_: object, **__: object) -> None:
            raise MemoryError

        patch.setattr("core.workflows.reference_index.top_k", full)
        with pytest.raises(MemoryError) as told:
            suggester.suggest([ImageId(COUNT)])
    assert isinstance(shortage_of(told.value, "Suggest"), MemoryShortageError)
    assert suggester.suggest([ImageId(COUNT)])[0].suggestions


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory.")])
def test_a_command_without_memory_says_so_in_one_line(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def build() -> Any:
        raise error

    assert run(build, ["encode", "p.clipkw"]) is ExitCode.MISTAKE
    told = capsys.readouterr().err
    assert told.startswith("clipkw: There was not enough memory: encode. Close other programs")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOMEM, "Cannot allocate memory"), RuntimeError("can't start new thread")],
)
def test_what_the_system_says_when_memory_is_short(error: Exception) -> None:
    assert isinstance(shortage_of(error, "Encode"), MemoryShortageError)


def test_other_errors_are_no_lack_of_memory() -> None:
    assert shortage_of(RuntimeError("shapes do not fit"), "Encode") is None
    assert shortage_of(ImageError("There is not enough memory to decode it."), "Encode") is None


def test_vectors_that_are_no_numbers_are_said_to_be_damaged() -> None:
    references = np.full((4, 8), np.nan, np.float32)
    query = np.ones(8, np.float32) / np.sqrt(8, dtype=np.float32)
    with pytest.raises(DamagedVectorsError, match="clipkw mend"):
        top_k(query[None], references, 2)
    with pytest.raises(DamagedVectorsError, match="clipkw mend"):
        Leaders(query, 2).show(references, np.arange(4), np.arange(4))


class Outcome(NamedTuple):
    code: int
    told: str


def with_little_memory(project: Project, spare_mib: int, *arguments: str) -> Outcome:
    """Run a command that may take so much more memory than it has when it begins."""
    asked = [sys.executable, "-c", LIMITED, str(HERE), str(project.folder), str(spare_mib)]
    done = subprocess.run([*asked, *arguments], cwd=ROOT, capture_output=True, text=True)
    return Outcome(done.returncode, f"{done.stdout}{done.stderr}")


def is_intact(project: Project) -> bool:
    names = {one.no for one in keywords.all_keywords(project.catalog)}
    return overview.faults(project.catalog) == [] and names == {"fly", "skip", "said before"}


def test_a_huge_image_and_really_too_little_memory(empty: Project, archive: Path) -> None:
    import_images(empty, Silent())
    import_keywords(empty, archive / "table.csv", None, Silent())
    PIL.Image.new("RGB", (12_000, 12_000)).save(archive / "huge.png", compress_level=1)
    import_images(empty, Silent())
    label.add_keyword(empty, [ImageId(1)], "said before")
    outcome = with_little_memory(empty, 300, "encode")
    assert outcome.code == 0, outcome.told
    assert [(one.path, one.reason) for one in problems(empty.catalog)] == [
        ("huge.png", "There is not enough memory to decode it.")
    ]
    assert is_intact(empty)
    with open_project(empty.folder) as opened:
        assert pending(opened) == 1
        assert encode_images(opened, Silent()).encoded == 1


def test_an_encoder_and_really_too_little_memory(empty: Project, archive: Path) -> None:
    import_images(empty, Silent())
    import_keywords(empty, archive / "table.csv", None, Silent())
    label.add_keyword(empty, [ImageId(1)], "said before")
    outcome = with_little_memory(empty, 300, "encode", "greedy")
    assert outcome.code == ExitCode.MISTAKE, outcome.told
    assert "clipkw: There was not enough memory: encode." in outcome.told
    assert is_intact(empty)
    assert encode_images(empty, Silent()).encoded == COUNT


def test_many_references_and_really_too_little_memory(project: Project) -> None:
    label.add_keyword(project, [ImageId(1)], "said before")
    with FeatureFile.open(project.feature_path("mean"), "mean", writable=True) as features:
        features.ensure_capacity(8_000_000)
    outcome = with_little_memory(project, 200, "suggest")
    assert outcome.code == ExitCode.MISTAKE, outcome.told
    assert "clipkw: There was not enough memory: suggest." in outcome.told
    assert outcome.told.count("\n") == 1
    assert is_intact(project)
    assert Suggester.load(project, Silent()).suggest([ImageId(COUNT)])[0].suggestions
