"""The encoders open_clip knows by name, and where their weights lie on this machine.

open_clip's own table comes with torch and takes seconds to import. To answer at once whether a
name is known and its weights are here, the table is read from open_clip's source as data.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from core.errors import EncoderError
from core.progress import Progress

HUB = "https://huggingface.co"
WATCH_SECONDS = 0.2
_HUB_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_LICENCES = (
    ("openai", "MIT (OpenAI CLIP)"),
    ("laion", "MIT (LAION)"),
    ("siglip2", "Apache-2.0 (Google SigLIP 2)"),
    ("pe-core", "Apache-2.0 (Meta Perception Encoder)"),
    ("dfn", "Apple's research licence: no commercial use"),
    ("mobileclip", "Apple's research licence: no commercial use"),
    ("nllb", "CC BY-NC 4.0: no commercial use"),
)
_DOWNLOAD = """
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[3], method="HEAD"), timeout=10).close()
except urllib.error.HTTPError:
    pass
except OSError as error:
    sys.exit(f"{sys.argv[3]} cannot be reached: {getattr(error, 'reason', error)}.")
import open_clip
open_clip.create_model(sys.argv[1], pretrained=sys.argv[2])
try:
    open_clip.get_tokenizer(sys.argv[1])
except ImportError:
    pass
"""


@dataclass(frozen=True, slots=True)
class KnownEncoder:
    """A pretrained tag of an architecture. ``quick_gelu``: trained with that activation."""

    architecture: str
    tag: str
    url: str
    hub: str
    quick_gelu: bool

    @property
    def name(self) -> str:
        """As a person writes it."""
        return f"{self.architecture}/{self.tag}"

    @property
    def licence(self) -> str:
        """What is known of the licence of the weights, and where they come from."""
        place = f"{HUB}/{self.hub.rpartition('/')[0]}" if self.hub else self.url
        haystack = f"{self.architecture}/{self.tag}/{self.hub}".lower()
        known = next((text for mark, text in _LICENCES if mark in haystack), "not known")
        return f"Licence of the weights: {known}. Read it at {place} before you use them."

    def model_config(self) -> dict[str, Any]:
        """The architecture, as open_clip's ``model_cfg``."""
        path = _open_clip_folder() / "model_configs" / f"{self.architecture}.json"
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {**config, "quick_gelu": True} if self.quick_gelu else config

    def cached_weights(self) -> Path | None:
        """The weights on this machine, looked up without a network."""
        if not self.hub:
            path = Path("~/.cache/clip").expanduser() / self.url.rpartition("/")[2]
            return path if path.is_file() else None
        stay_offline()
        from huggingface_hub import try_to_load_from_cache

        repository, _, file = self.hub.rpartition("/")
        stem = file.rpartition(".")[0]
        for name in (f"{stem}.safetensors", file) if file else _HUB_FILES:
            found = try_to_load_from_cache(repository, name)
            if isinstance(found, str):
                return Path(found)
        return None

    def download(self, progress: Progress) -> Path:
        """Fetch the weights and what belongs to them, in a process of its own.

        This process never goes online, so that nothing in it can do so unasked. Raises
        :class:`EncoderError`; stopped, what came so far is kept for the next time.
        """
        progress.report(0, 0, f"Downloading {self.name}")
        failure = _fetch((self.architecture, self.tag, self._server), progress)
        weights = self.cached_weights()
        if failure is not None or weights is None:
            raise EncoderError(
                f"{self.name} could not be downloaded: {failure or 'no reason given'}",
                "Check the network, or copy an encoder's folder to this machine and choose that.",
            )
        return weights

    @property
    def _server(self) -> str:
        return os.environ.get("HF_ENDPOINT", HUB) if self.hub else self.url


def _fetch(arguments: Sequence[str], progress: Progress) -> str | None:
    """Download; why it failed, or None."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-P", "-c", _DOWNLOAD, *arguments]
    with TemporaryFile() as said:
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=said
        ) as process:
            try:
                while process.poll() is None:
                    progress.checkpoint()
                    time.sleep(WATCH_SECONDS)
            except BaseException:
                process.kill()
                raise
        progress.checkpoint()  # a Ctrl-C ends both
        if not process.returncode:
            return None
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"


def stay_offline() -> None:
    """Keep every library in this process from reaching for the hub; call before importing one."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"


def find_known(architecture: str, tag: str) -> KnownEncoder | None:
    """Look up a pretrained tag, spelled in any case and with dashes or underscores.

    The ``-quickgelu`` architectures are the plain ones with the activation the tag implies.
    """
    known, tag = known_encoders(), tag.lower().replace("-", "_")
    plain = known.get((architecture.removesuffix("-quickgelu"), tag))
    return known.get((architecture, tag), plain if plain and plain.quick_gelu else None)


def tags_of(architecture: str) -> list[str]:
    """The tags there are for an architecture."""
    return [tag for name, tag in known_encoders() if name == architecture]


@cache
def known_encoders() -> dict[tuple[str, str], KnownEncoder]:
    """Every pretrained encoder of the installed open_clip."""
    source = (_open_clip_folder() / "pretrained.py").read_text(encoding="utf-8")
    groups: dict[str, ast.expr] = {}
    table: ast.Dict | None = None
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            groups[statement.targets[0].id] = statement.value
            if statement.targets[0].id == "_PRETRAINED" and isinstance(statement.value, ast.Dict):
                table = statement.value
    if table is None:
        raise EncoderError(
            "The installed version of open_clip keeps its list of encoders elsewhere.",
            "Choose an encoder's folder instead of its name.",
        )
    found = {}
    for key, value in zip(table.keys, table.values, strict=True):
        group = groups[value.id] if isinstance(value, ast.Name) else value
        for tag, entry in _keywords(group).items():
            known = _known(ast.literal_eval(key) if key else "", tag, entry)
            found[known.architecture, known.tag] = known
    return found


def _known(architecture: str, tag: str, entry: ast.expr) -> KnownEncoder:
    assert isinstance(entry, ast.Call)
    given = dict(zip(("url", "hf_hub"), entry.args, strict=False)) | _keywords(entry)
    url, hub, quick_gelu = (
        ast.literal_eval(given[name]) if name in given else ""
        for name in ("url", "hf_hub", "quick_gelu")
    )
    return KnownEncoder(architecture, tag, url, hub, bool(quick_gelu))


def _keywords(call: ast.expr) -> dict[str, ast.expr]:
    assert isinstance(call, ast.Call)
    return {item.arg: item.value for item in call.keywords if item.arg}


def _open_clip_folder() -> Path:
    spec = find_spec("open_clip")
    if spec is None or spec.origin is None:
        raise EncoderError("open_clip is not installed.", "Install ClipKW again.")
    return Path(spec.origin).parent
