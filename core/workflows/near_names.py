"""Pairs of keywords whose names say the same, almost: candidates for a merge.

Reasons, the surest first: forms of one word (klokka, klokken), the same English name, a word more
that many names have (Fighter, Fighter Aircraft), and a slip of the pen.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from core.catalog import browse, choices, keywords
from core.catalog.text import fold
from core.progress import Progress
from core.translation.compounds import look_up
from core.translation.glossary import Glossary, load_glossary
from core.translation.inflection import bases, plural
from core.types import Changes, Keyword, KeywordId, KeywordStatus, NearNames, NearReason
from core.workflows.label import person
from core.workflows.project import Project
from core.workflows.records import reading

KEPT_APART = "different-keywords"
"""The choice that holds the pairs people said are different keywords."""
SPELLING_RATIO = 88.0
"""Percent of equal letters from which two names may be one and a slip of the pen."""
_SHORTEST = 5
_SHORTEST_WORD = 3
_COMMON_WORD = 3
_AT_ONCE = 512

Pair = tuple[KeywordId, KeywordId]


def near_names(project: Project, progress: Progress) -> list[NearNames]:
    """All pairs that nobody has said are different, the surest reasons and commonest first."""
    known = {
        keyword.id: keyword
        for keyword in keywords.all_keywords(project.catalog)
        if keyword.status is not KeywordStatus.RETIRED
    }
    counts = {keyword.id: count for keyword, count in browse.keyword_counts(project.catalog)}
    apart = _kept_apart(project)
    found: dict[Pair, NearReason] = {}
    for reason, pairs in _reasons(list(known.values()), load_glossary(), progress):
        for pair in pairs:
            if pair not in apart:
                found.setdefault(pair, reason)
    order = list(NearReason)
    near = [_near(pair, reason, known, counts) for pair, reason in found.items()]
    return sorted(
        near,
        key=lambda one: (
            order.index(one.reason),
            -one.kept_images - one.merged_images,
            one.kept.no,
        ),
    )


def keep_apart(project: Project, first: Keyword, second: Keyword) -> Changes:
    """Say that two keywords are different; they are not suggested again. Can be undone."""
    pairs = _kept_apart(project) | {_pair(first.id, second.id)}
    title = f"Keep “{first.no}” and “{second.no}” apart"
    value = json.dumps(sorted(pairs))
    return choices.choose(project.catalog, KEPT_APART, value, person(), title)


def _reasons(
    known: Sequence[Keyword], glossary: Glossary, progress: Progress
) -> Iterator[tuple[NearReason, Iterable[Pair]]]:
    yield NearReason.FORM, _forms(known, glossary)
    yield NearReason.SAME_ENGLISH, _same_english(known)
    yield NearReason.EXTRA_WORD, _extra_word(known)
    yield NearReason.SPELLING, _spelling(known, glossary, progress)


def _near(
    pair: Pair,
    reason: NearReason,
    known: Mapping[KeywordId, Keyword],
    counts: Mapping[KeywordId, int],
) -> NearNames:
    kept, merged = sorted(pair, key=lambda one: (-counts.get(one, 0), len(known[one].no), one))
    return NearNames(known[kept], known[merged], reason, counts.get(kept, 0), counts.get(merged, 0))


def _same_english(known: Sequence[Keyword]) -> Iterator[Pair]:
    groups: defaultdict[str, list[KeywordId]] = defaultdict(list)
    for keyword in known:
        if keyword.en:
            groups[fold(keyword.en)].append(keyword.id)
    yield from _pairs_within(groups)


def _forms(known: Sequence[Keyword], glossary: Glossary) -> Iterator[Pair]:
    """Names that come from one word: that of another keyword, or of the glossary.

    Two words that the glossary knows as different ones (pil, pille) are not.
    """
    words = {fold(keyword.no): keyword.id for keyword in known if not _is_code(keyword.no)}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        for base in {word} | {base.word for base in bases(word)}:
            if base in words or base in glossary.norwegian:
                groups[base].append(word)
    for group in groups.values():
        for first, second in combinations(dict.fromkeys(group), 2):
            if _may_be_one_word(first, second, glossary):
                yield _pair(words[first], words[second])


def _is_code(name: str) -> bool:
    return len(name) < _SHORTEST_WORD or any(map(str.isdigit, name)) or name.isupper()


def _may_be_one_word(first: str, second: str, glossary: Glossary) -> bool:
    one, other = look_up(first, glossary), look_up(second, glossary)
    if one is None or other is None:
        return True
    en, other_en = one[0].en, other[0].en
    return en == other_en or plural(en) == other_en or plural(other_en) == en


def _extra_word(known: Sequence[Keyword]) -> Iterator[Pair]:
    """A name that is another one and a word that several names have."""
    names = {tuple(fold(keyword.no).split()): keyword.id for keyword in known}
    uses = Counter(word for name in names if len(name) > 1 for word in set(name))
    for name, keyword in names.items():
        for shorter, extra in ((name[:-1], name[-1:]), (name[1:], name[:1])):
            other = names.get(shorter) if extra else None
            if other is not None and uses[extra[0]] >= _COMMON_WORD and extra[0].isalpha():
                yield _pair(keyword, other)


def _spelling(known: Sequence[Keyword], glossary: Glossary, progress: Progress) -> Iterator[Pair]:
    from rapidfuzz import fuzz, process

    names = {fold(keyword.no): keyword.id for keyword in known}
    texts = [name for name in names if len(name) >= _SHORTEST]
    for start in range(0, len(texts), _AT_ONCE):
        progress.checkpoint()
        progress.report(start, len(texts), "comparing names")
        rows = texts[start : start + _AT_ONCE]
        scores = process.cdist(rows, texts, scorer=fuzz.ratio, score_cutoff=SPELLING_RATIO)
        for row, column in zip(*scores.nonzero(), strict=True):
            first, second = rows[row], texts[column]
            if start + row < column and not _differ_in_meaning(first, second, glossary):
                yield _pair(names[first], names[second])


def _differ_in_meaning(first: str, second: str, glossary: Glossary) -> bool:
    """Whether numbers differ, or both are words of the glossary, or words of it tell them apart."""
    if [*filter(str.isdigit, first)] != [*filter(str.isdigit, second)]:
        return True
    one, two = first.split(), second.split()
    if len(one) != len(two):
        return False
    differing = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    return all(a in glossary.norwegian and b in glossary.norwegian for a, b in differing)


def _pairs_within(groups: Mapping[str, Sequence[KeywordId]]) -> Iterator[Pair]:
    for group in groups.values():
        for first, second in combinations(dict.fromkeys(group), 2):
            yield _pair(first, second)


def _pair(first: KeywordId, second: KeywordId) -> Pair:
    return (first, second) if first < second else (second, first)


def _kept_apart(project: Project) -> set[Pair]:
    stored = choices.chosen(project.catalog, KEPT_APART)
    with reading("The list of keywords that are kept apart", "Undo what was kept apart last."):
        return {
            (KeywordId(int(first)), KeywordId(int(second)))
            for first, second in json.loads(stored or "[]")
        }
