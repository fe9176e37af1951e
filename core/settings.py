"""Project settings: one dataclass per concern, read from and written to ``project.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import tomli_w

from core.errors import ProjectError
from core.files import replacing, sync

SETTINGS_FILE = "project.toml"
MOST_MEGAPIXELS = 1e6


def _from_table(cls: type[Any], table: object, section: str) -> Any:
    """Build a settings dataclass from a TOML table; unknown keys are a clear error."""
    if not isinstance(table, dict):
        raise ProjectError(
            f"The section [{section}] of {SETTINGS_FILE} is not a table.",
            "Restore the file from a backup, or delete the section to use the defaults.",
        )
    known = {item.name: item for item in fields(cls)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ProjectError(
            f"The section [{section}] of {SETTINGS_FILE} has an unknown setting: {unknown[0]}.",
            "Correct its name, or delete the line.",
        )
    for name, value in table.items():
        wanted = type(known[name].default)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            continue
        if type(value) is not wanted:
            raise ProjectError(
                f"{section}.{name} in {SETTINGS_FILE} is not a {wanted.__name__}.",
                "Correct the value, or delete the line to use the default.",
            )
    return cls(**table)


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Where the photographs lie. They are only ever read."""

    images: str = ""
    """Absolute path of the folder of images."""
    max_megapixels: float = 250.0
    """An image with more pixels than this is listed as a problem, not decoded."""

    def __post_init__(self) -> None:
        if not 0 < self.max_megapixels <= MOST_MEGAPIXELS:  # NaN neither
            raise ProjectError(
                "The limit archive.max_megapixels must be above 0 and at most 1 000 000."
            )


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Which encoder gives the vectors: a local folder, a checkpoint, or a known open_clip name."""

    source: str = ""
    """Path of a folder or checkpoint, or ``ARCHITECTURE/PRETRAINED_TAG``; empty: none chosen."""
    identity: str = ""
    """Hash of architecture, weights and preprocessing, once it has been loaded."""


@dataclass(frozen=True, slots=True)
class NeighborSearchSettings:
    """Hyper-parameters of neighbor search; the defaults are those of thesis Table 4.3."""

    temperature: float = 68.566
    max_difference: float = 5.2568
    max_neighbors: int = 36
    threshold: float = 0.1434
    exclude_exact_duplicates: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 10_000:
            raise ProjectError("The softmax temperature must lie between 0 and 10 000.")
        if not self.max_difference >= 0:  # NaN too
            raise ProjectError("The maximum similarity difference cannot be negative.")
        if not 1 <= self.max_neighbors <= 10_000:
            raise ProjectError("The maximum number of neighbors must lie between 1 and 10 000.")
        if not 0 <= self.threshold <= 1:
            raise ProjectError("The confidence threshold must lie between 0 and 1.")


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """What may leave this machine. Nothing does until somebody has agreed, for each project."""

    translation: bool = False
    """Whether names of keywords may be sent to a translation service."""
    agreed_by: str = ""
    agreed_at: str = ""


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Everything in ``project.toml``."""

    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    neighbor_search: NeighborSearchSettings = field(default_factory=NeighborSearchSettings)
    online: OnlineSettings = field(default_factory=OnlineSettings)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``folder/project.toml``; raises :class:`ProjectError` naming what is wrong."""
        return cls.read_file(folder / SETTINGS_FILE)

    @classmethod
    def read_file(cls, path: Path) -> Self:
        """Read a file like ``project.toml``; raises what :meth:`read` raises."""
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ProjectError(
                f"{path.parent} is not a ClipKW project: it has no {path.name}.",
                "Choose a folder whose name ends in .clipkw.",
            ) from error
        except (ValueError, RecursionError) as error:  # of TOML, of UTF-8, of a number in it
            raise ProjectError(
                f"{path} cannot be read: {error}.",
                "Correct the line, or put back a copy of your own.",
            ) from error
        except OSError as error:
            raise ProjectError(f"{path} cannot be read: {error.strerror}.") from error
        sections = {item.name: item.default_factory for item in fields(cls)}
        unknown = sorted(set(raw) - set(sections))
        if unknown:
            raise ProjectError(
                f"{path} has an unknown section: [{unknown[0]}].", "Correct its name or delete it."
            )
        return cls(
            **{name: _from_table(sections[name], raw[name], name) for name in raw}  # type: ignore[arg-type]
        )

    def write(self, folder: Path) -> None:
        """Replace ``folder/project.toml`` in one atomic step.

        What no project can be without comes last: a file that was cut short is told by its lack.
        """
        path = folder / SETTINGS_FILE
        sections = asdict(self)
        sections["archive"] = sections.pop("archive")
        sections["archive"]["images"] = sections["archive"].pop("images")
        with replacing(path) as part:
            part.write_bytes(tomli_w.dumps(sections).encode())
            sync(part)
