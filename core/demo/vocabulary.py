"""The keywords of the archive, and how carelessly each was given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A keyword: names in both languages, chance to be left out, what it is mistaken for."""

    no: str
    en: str
    missing: float
    mistaken: tuple[str, ...] = ()


TERMS: tuple[Term, ...] = (
    # As in the archive of the thesis, the most general word stands on a fifth of its images only.
    Term("lastevogn", "truck", 0.80),
    Term("lasteplan", "cargo bed", 0.25, ("container",)),
    Term("tankvogn", "tank truck", 0.12, ("lasteplan",)),
    Term("kranvogn", "crane truck", 0.10, ("brolegger",)),
    Term("container", "container", 0.15, ("lasteplan",)),
    Term("radar", "radar", 0.10, ("antennemast",)),
    Term("antennemast", "antenna mast", 0.12, ("radar",)),
    Term("rakettkaster", "rocket launcher", 0.08, ("missilvogn",)),
    Term("missilvogn", "missile carrier", 0.10, ("rakettkaster",)),
    Term("brolegger", "bridge layer", 0.10, ("kranvogn",)),
    Term("kommandovogn", "command vehicle", 0.15, ("ambulanse",)),
    Term("ambulanse", "ambulance", 0.08, ("kommandovogn",)),
    Term("Kamaz", "Kamaz", 0.10, ("MAZ",)),
    Term("Ural", "Ural", 0.10, ("ZiL",)),
    Term("ZiL", "ZiL", 0.12, ("Ural",)),
    Term("MAZ", "MAZ", 0.10, ("Kamaz",)),
    Term("KrAZ", "KrAZ", 0.10, ("Ural",)),
    Term("to aksler", "two axles", 0.40, ("tre aksler",)),
    Term("tre aksler", "three axles", 0.40, ("to aksler",)),
    Term("fire aksler", "four axles", 0.30, ("tre aksler",)),
    Term("åtte aksler", "eight axles", 0.08, ("fire aksler",)),
    Term("beltevogn", "tracked vehicle", 0.45),
    Term("stridsvogn", "battle tank", 0.06, ("selvdrevet artilleri",)),
    Term("pansret personellvogn", "armoured personnel carrier", 0.10, ("stridsvogn",)),
    Term("selvdrevet artilleri", "self-propelled artillery", 0.10, ("stridsvogn",)),
    Term("luftvern", "air defence", 0.10, ("radar",)),
    Term("helikopter", "helicopter", 0.15),
    Term("transporthelikopter", "transport helicopter", 0.20, ("kamphelikopter",)),
    Term("kamphelikopter", "attack helicopter", 0.15, ("transporthelikopter",)),
    Term("fly", "aircraft", 0.25),
    Term("jagerfly", "fighter aircraft", 0.08, ("drone",)),
    Term("transportfly", "transport aircraft", 0.10, ("jagerfly",)),
    Term("drone", "drone", 0.08, ("jagerfly",)),
    Term("skip", "ship", 0.20),
    Term("fregatt", "frigate", 0.10, ("patruljebåt",)),
    Term("patruljebåt", "patrol boat", 0.10, ("fregatt",)),
    Term("ubåt", "submarine", 0.04),
    Term("logo", "logo", 0.08, ("merke",)),
    Term("merke", "unit patch", 0.10, ("logo",)),
    Term("skog", "forest", 0.35, ("fjell",)),
    Term("snø", "snow", 0.15),
    Term("ørken", "desert", 0.15, ("slette",)),
    Term("fjell", "mountains", 0.30, ("skog",)),
    Term("vei", "road", 0.50, ("slette",)),
    Term("flyplass", "airfield", 0.25),
    Term("slette", "plain", 0.55, ("ørken",)),
    Term("by", "town", 0.30, ("vei",)),
    Term("hav", "sea", 0.25),
    Term("himmel", "sky", 0.55),
    Term("kamuflasje", "camouflage", 0.35),
    Term("kolonne", "convoy", 0.15),
    Term("støv", "dust", 0.30),
    Term("tåke", "fog", 0.20),
    Term("regn", "rain", 0.20),
    Term("solnedgang", "sunset", 0.15),
)
BY_NAME: dict[str, Term] = {term.no: term for term in TERMS}
HAS_ENGLISH = 2 / 3
"""Share of the keywords whose English name comes with the archive."""

RARE: tuple[str, ...] = (
    "????", "2003-08-14", "14.02.2011", "1998", "Kamas", "lastebil", "LASTEVOGN ", "tanbil",
    "ukjent", "øvelse vinter", "div.", "se arkiv 4", "IMG", "?", "reservedeler", "parade 9. mai",
    "hjul", "person", "bro", "telt", "feltkjøkken", "vaskebil", "ødelagt", "nærbilde", "detalj",
)  # fmt: skip
"""The long tail: dates, typing errors, notes to oneself and words used once or twice."""
