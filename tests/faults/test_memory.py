"""Too little memory in decoding, encoding and searching: said, survived, and gone on from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fault_bench import COUNT, MeanEncoder

from core.cli.terminal import ExitCode, run
from core.encoders.memory import shortage_of
from core.errors import DamagedVectorsError, ImageError, MemoryShortageError
from core.images import examine
from core.progress import Silent
from core.similarity.leaders import Leaders
from core.similarity.top_k import top_k
from core.types import ImageId
from core.workflows import decoding
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images
from core.workflows.project import Project
from core.workflows.suggest import Suggester


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
