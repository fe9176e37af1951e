"""What each image shows, decided from (seed, index) alone: the truth of the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.demo.cabs import LAYOUTS

Random = np.random.Generator
_PLAN, _DRAW, _TYPING = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Recipe:
    """One drawn scene. ``subject`` names the thing, ``extra`` at most one special circumstance."""

    subject: str
    kind: str
    make: str
    axles: int
    terrain: str
    extra: str
    keywords: tuple[str, ...]


KINDS: Mapping[str, float] = {
    "truck": 0.485,
    "tracked": 0.14,
    "helicopter": 0.085,
    "aircraft": 0.11,
    "ship": 0.10,
    "emblem": 0.07,
    "empty": 0.01,
}
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "tracked": ("stridsvogn", "pansret personellvogn", "selvdrevet artilleri", "luftvern"),
    "helicopter": ("transporthelikopter", "kamphelikopter"),
    "aircraft": ("jagerfly", "transportfly", "drone"),
    "ship": ("fregatt", "patruljebåt", "ubåt"),
    "emblem": ("logo", "merke"),
    "empty": ("landskap",),
}
_GENERAL = {
    "truck": "lastevogn",
    "tracked": "beltevogn",
    "helicopter": "helikopter",
    "aircraft": "fly",
    "ship": "skip",
}
_MAKES: Mapping[tuple[str, int], float] = {
    ("Kamaz", 2): 0.05, ("Kamaz", 3): 0.10, ("Kamaz", 4): 0.07,
    ("Ural", 2): 0.07, ("Ural", 3): 0.12,
    ("ZiL", 2): 0.09, ("ZiL", 3): 0.09,
    ("MAZ", 2): 0.07, ("MAZ", 4): 0.08, ("MAZ", 8): 0.09,
    ("KrAZ", 3): 0.10, ("KrAZ", 4): 0.07,
}  # fmt: skip
_LIGHT_BODIES = (
    "lasteplan", "tankvogn", "kranvogn", "container", "radar", "antennemast", "rakettkaster",
    "brolegger", "kommandovogn", "ambulanse",
)  # fmt: skip
_HEAVY_BODIES = ("missilvogn", "rakettkaster", "radar", "brolegger", "kranvogn")
_LAND = ("skog", "snø", "ørken", "fjell", "vei", "slette", "by", "flyplass")
_EXTRAS: Mapping[str, Mapping[str, float]] = {
    "truck": {
        "": 0.37,
        "kamuflasje": 0.17,
        "kolonne": 0.12,
        "støv": 0.10,
        "tåke": 0.08,
        "regn": 0.08,
        "solnedgang": 0.08,
    },
    "tracked": {
        "": 0.36,
        "kamuflasje": 0.22,
        "kolonne": 0.08,
        "støv": 0.13,
        "tåke": 0.07,
        "regn": 0.07,
        "solnedgang": 0.07,
    },
    "helicopter": {"": 0.54, "kamuflasje": 0.26, "solnedgang": 0.12, "tåke": 0.08},
    "aircraft": {"": 0.58, "kamuflasje": 0.22, "solnedgang": 0.12, "regn": 0.08},
    "ship": {"": 0.62, "tåke": 0.14, "solnedgang": 0.14, "regn": 0.10},
    "emblem": {"": 1.0},
    "empty": {"": 0.7, "solnedgang": 0.3},
}


def generator(seed: int, index: int, purpose: int) -> Random:
    """Independent random numbers for one purpose of one image."""
    return np.random.default_rng((seed, index, purpose))


def drawing(seed: int, index: int) -> Random:
    """The random numbers that draw what the plan of an image leaves open."""
    return generator(seed, index, _DRAW)


def typing(seed: int, index: int) -> Random:
    """The random numbers behind the careless keywords, the file name and the copies."""
    return generator(seed, index, _TYPING)


def _weighted(weights: Mapping[str, float], random: Random) -> str:
    names = list(weights)
    return names[int(random.choice(len(names), p=np.array(list(weights.values()))))]


def _one(values: tuple[str, ...], random: Random) -> str:
    return values[int(random.integers(len(values)))]


def plan(seed: int, index: int) -> Recipe:
    """The scene of image ``index`` and its true keywords, one to six of them."""
    random = generator(seed, index, _PLAN)
    kind = _weighted(KINDS, random)
    make, axles = "", 0
    if kind == "truck":
        models = list(_MAKES)
        make, axles = models[int(random.choice(len(models), p=np.array(list(_MAKES.values()))))]
        subject = _body(make, axles, random)
    else:
        subject = _one(SUBJECTS[kind], random)
    terrain = _terrain(kind, random)
    extra = _weighted(_EXTRAS[kind], random)
    number = {
        0: (),
        2: ("to aksler",),
        3: ("tre aksler",),
        4: ("fire aksler",),
        8: ("åtte aksler",),
    }
    words = [_GENERAL.get(kind, ""), "" if kind == "empty" else subject, make, *number[axles]]
    words += [terrain, extra]
    return Recipe(subject, kind, make, axles, terrain, extra, tuple(word for word in words if word))


def _body(make: str, axles: int, random: Random) -> str:
    assert (make, axles) in LAYOUTS
    if axles == 8:
        return _one(("missilvogn", "missilvogn", "radar", "kranvogn", "brolegger"), random)
    if make == "MAZ" and axles == 4:
        return _one(_HEAVY_BODIES, random)
    return _one(_LIGHT_BODIES, random)


def _terrain(kind: str, random: Random) -> str:
    if kind == "emblem":
        return ""
    if kind == "ship":
        return "hav"
    if kind == "aircraft":
        return "himmel" if random.random() < 0.55 else "flyplass"
    if kind == "helicopter":
        return "himmel" if random.random() < 0.45 else _one(_LAND, random)
    return _one(_LAND, random)
