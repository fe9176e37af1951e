"""``clipkw keywords`` and ``clipkw translate``: what they do, say and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core import cli
from core.cli.terminal import ExitCode

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clipkw(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """Run a command on a small project: exit code, standard output, standard error."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "images"
    archive.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (8, 8), "red" if name == "a" else "blue").save(archive / f"{name}.png")
    table = "path,keywords\na.png,klokka;fireakslet\nb.png,klokken;xyzzy\n"
    (archive / "words.csv").write_text(table, encoding="utf-8")

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    assert run("new", "p", "--images", archive, "--keywords", archive / "words.csv")[0] == 0
    return run


def listed(clipkw: Command) -> dict[str, dict[str, object]]:
    code, out, _ = clipkw("keywords", "p", "--json", "-")
    assert code == ExitCode.SUCCESS
    return {item["no"]: item for item in json.loads(out)}


def test_vocabulary_is_edited_and_undone(clipkw: Command) -> None:
    before = listed(clipkw)
    assert clipkw("keywords", "p", "--rename", "klokka", "klokke")[0] == 0
    code, out, _ = clipkw("keywords", "p", "--merge", "klokke", "klokken")
    assert code == 0
    assert out == (
        "klokken is klokke now: on 1 more images (0 where it was rejected or unsure), 1 had it.\n"
    )
    assert clipkw("keywords", "p", "--english", "klokke", "clock")[0] == 0
    assert clipkw("keywords", "p", "--synonyms", "clock", "ur; armbåndsur")[0] == 0
    assert clipkw("keywords", "p", "--retire", "xyzzy")[0] == 0
    after = listed(clipkw)
    assert set(after) == {"klokke", "fireakslet", "xyzzy"}
    assert after["klokke"] == {
        "id": before["klokka"]["id"],
        "no": "klokke",
        "en": "clock",
        "status": "confirmed",
        "synonyms": ["armbåndsur", "ur"],
        "images": 2,
    }
    assert after["xyzzy"]["status"] == "retired"
    assert clipkw("keywords", "p", "--restore", "xyzzy")[0] == 0
    for _ in range(6):
        assert clipkw("undo", "p")[0] == 0
    assert listed(clipkw) == before


def test_list_and_pairs_are_printed(clipkw: Command) -> None:
    assert "klokka: -  [imported]" in clipkw("keywords", "p")[1]
    code, out, _ = clipkw("keywords", "p", "--similar")
    assert code == 0
    assert out.splitlines() == ["klokka (1) - klokken (1): forms of one word", "1 pairs."]


def test_table_goes_out_and_in(clipkw: Command, tmp_path: Path) -> None:
    code, out, _ = clipkw("keywords", "p", "--export", "words.csv")
    assert (code, out) == (0, "4 keywords written to words.csv.\n")
    code, out, _ = clipkw("keywords", "p", "--import", "words.csv")
    assert (code, out) == (0, "0 edited, 0 added, 4 unchanged.\n")
    (tmp_path / "bad.csv").write_text("word\nx\n", encoding="utf-8")
    code, out, err = clipkw("keywords", "p", "--import", "bad.csv")
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert "no column of Norwegian names" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rename", "nobody", "x"),
        ("--rename", "klokka", "klokken"),
        ("--rename", "klokka", " "),
        ("--merge", "klokka", "klokka"),
        ("--scores",),
    ],
)
def test_mistake_is_one_line(clipkw: Command, arguments: tuple[str, ...]) -> None:
    code, out, err = clipkw("keywords", "p", *arguments)
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert len(err.splitlines()) == 1


def test_names_are_translated_and_confirmed(clipkw: Command) -> None:
    code, out, _ = clipkw("translate", "p", "--dry-run")
    assert code == 0
    assert "fireakslet: four axle vehicle  (fire + akslet)" in out
    assert listed(clipkw)["fireakslet"]["en"] is None
    code, out, err = clipkw("translate", "p")
    assert code == 0
    assert out.startswith("3 keywords named in English")
    assert "1 are unknown: xyzzy" in out
    assert "glossary.tsv" in err
    assert listed(clipkw)["fireakslet"]["status"] == "machine"
    assert clipkw("translate", "p", "--confirm")[1] == "3 names confirmed.\n"
    assert listed(clipkw)["fireakslet"]["status"] == "confirmed"


def test_nothing_goes_online_before_somebody_agrees(clipkw: Command, tmp_path: Path) -> None:
    code, out, err = clipkw("translate", "p", "--online")
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert "agreed" in err
    assert not (tmp_path / "p.clipkw" / "sent-online.jsonl").exists()
