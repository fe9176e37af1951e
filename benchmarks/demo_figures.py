"""What the demo encoder is worth, against the clean truth of a drawn archive.

Draws an archive (or goes on with the one in ``--folder``), encodes it, and measures suggestions on
its unlabeled third and text search on all of it:

    python -m benchmarks.demo_figures [--folder FOLDER] [--seed 2026] [--encoder FOLDER]
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalog.text import fold
from core.demo.archive import COUNT, SEED, Entry, english_names, entry, write_images
from core.demo.vocabulary import TERMS
from core.encoders import Encoder, load_encoder
from core.evaluation.metrics import confusion
from core.models.language_image import CONTEXTS_EN, CONTEXTS_NO, LanguageImage, captions
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.models.thresholds import best_threshold
from core.translation.glossary import load_glossary
from core.translation.translator import Translator
from core.types import Vectors
from core.workflows.demo import demo_encoder
from core.workflows.search_text import SearchWords

QUERIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("fuel truck in the snow", "bensinbil i snøen", ("tankvogn", "snø")),
    ("very long truck with sixteen wheels", "kjempelang lastebil med seksten hjul",
     ("åtte aksler",)),
    ("helicopter over the woods", "helikopter over skogen", ("helikopter", "skog")),
    ("submarine", "undervannsbåt", ("ubåt",)),
    ("fighter jet at sunset", "jagerfly i solnedgang", ("jagerfly", "solnedgang")),
    ("ambulance in the mountains", "sykebil på fjellet", ("ambulanse", "fjell")),
    ("camouflaged tank", "kamuflert tanks", ("stridsvogn", "kamuflasje")),
    ("several trucks in a row", "flere lastebiler på rad", ("kolonne", "lastevogn")),
    ("truck with eight wheels carrying rockets", "lastebil med åtte hjul og raketter",
     ("fire aksler", "rakettkaster")),
    ("warship in fog", "krigsskip i tåke", ("fregatt", "tåke")),
)  # fmt: skip
"""What a person who is no archivist types, in English and Norwegian, and what is meant by it."""
ARCHIVE_WORDS = (
    "tankvogn", "kranvogn", "brolegger", "kommandovogn", "missilvogn", "rakettkaster",
    "stridsvogn", "fregatt", "ambulanse", "antennemast", "beltevogn", "lastevogn", "åtte aksler",
)  # fmt: skip
"""Keywords of the archive, which the program's search puts into English."""
TOP = 20
_BATCH = 64


def encode(encoder: Encoder, images: Path, entries: Sequence[Entry]) -> Vectors:
    blocks = []
    for start in range(0, len(entries), _BATCH):
        batch = []
        for item in entries[start : start + _BATCH]:
            with Image.open(images / item.path) as picture:
                batch.append(encoder.preprocess(picture.convert("RGB")))
        blocks.append(encoder.encode_images(np.stack(batch)))
    return np.concatenate(blocks)


def table(rows: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    column = {term.no: number for number, term in enumerate(TERMS)}
    labels = np.zeros((len(rows), len(TERMS)), dtype=np.bool_)
    for number, words in enumerate(rows):
        labels[number, [column[word] for word in words if word in column]] = True
    return labels


def tell_f2(title: str, truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> None:
    counts = confusion(truth, predicted).pooled()
    figures = (counts.f_score(2.0), counts.precision(), counts.recall())
    f2, precision, recall = (100 * float(figure[0]) for figure in figures)
    print(f"{title:<42} F2 {f2:5.1f} %   precision {precision:5.1f} %   recall {recall:5.1f} %")


def suggestions(encoder: Encoder, entries: list[Entry], vectors: Vectors) -> None:
    labeled = np.array([item.keywords is not None for item in entries])
    references = table([item.keywords or () for item in entries])[labeled]
    truth = table([item.truth for item in entries])[~labeled]
    queries = vectors[~labeled]
    search = NeighborSearch().fit(vectors[labeled], references.astype(np.float32))
    tell_f2("neighbor search, settings of the thesis", truth,
            search.predict_confidence(queries) > 0.1434)  # fmt: skip
    nearest = NearestNeighbor().fit(vectors[labeled], references.astype(np.float32))
    tell_f2("1-NN", truth, nearest.predict_confidence(queries) > 0.5)
    for title, names, contexts in (
        ("language-image, Norwegian", [term.no for term in TERMS], CONTEXTS_NO),
        ("language-image, English", [term.en for term in TERMS], CONTEXTS_EN),
    ):
        texts = encoder.encode_texts(captions(names, contexts))
        model = LanguageImage(texts.reshape(len(contexts), len(names), -1)).fit()
        threshold, _ = best_threshold(references, model.predict_confidence(vectors[labeled]))
        tell_f2(title, truth, model.predict_confidence(queries) >= threshold)


def text_search(encoder: Encoder, entries: list[Entry], vectors: Vectors, seed: int) -> None:
    truth = [set(item.truth) for item in entries]

    def precision(text: str, meant: Collection[str]) -> float:
        scores = vectors @ encoder.encode_texts([text])[0]
        possible = min(TOP, sum(set(meant) <= shown for shown in truth))
        if not possible:
            print(f"  {text:<44}  none in this archive")
            return math.nan
        found = sum(set(meant) <= truth[index] for index in np.argsort(-scores)[:TOP])
        print(f"  {text:<44} {found:>2} of {possible}")
        return found / possible

    for language, place in (("EN", 0), ("NO", 1)):
        found = [precision(query[place], query[2]) for query in QUERIES]
        print(f"text search {language}, precision at {TOP}: {np.nanmean(found):.2f}")
    names = {fold(no): en for no, en in english_names(seed).items()}
    words = SearchWords(Translator(load_glossary()), names)
    found = [precision(words.to_english(query[1]), query[2]) for query in QUERIES]
    print(f"text search NO, as the program puts it into English: {np.nanmean(found):.2f}")
    found = [precision(words.to_english(word), (word,)) for word in ARCHIVE_WORDS]
    print(f"keywords as the program searches for them, precision at {TOP}: {np.nanmean(found):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--encoder", default=str(demo_encoder()))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        images = given.folder or Path(temporary)
        started = time.perf_counter()
        drawn = write_images(images, given.seed, range(given.count))
        print(f"drew {drawn} images in {time.perf_counter() - started:.0f} s")
        entries = [entry(given.seed, index) for index in range(given.count)]
        entries = [item for item in entries if not item.damaged]
        encoder = load_encoder(given.encoder)
        started = time.perf_counter()
        vectors = encode(encoder, images, entries)
        seconds = time.perf_counter() - started
        print(f"encoded {len(entries)} images, {len(entries) / seconds:.0f} a second")
    suggestions(encoder, entries, vectors)
    text_search(encoder, entries, vectors, given.seed)


if __name__ == "__main__":
    main()
