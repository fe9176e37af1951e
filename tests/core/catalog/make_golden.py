"""Make the golden catalog of a released schema: python make_golden.py FILE.

To be run once per schema, by the version of the code that released it; see ``test_catalog_schema``
for what is expected of the file ever after.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sqlalchemy import update

from core.catalog import (
    Catalog,
    choices,
    decisions,
    encodings,
    experiments,
    images,
    journal,
    keyword_edits,
    keywords,
    pair_answers,
    preparations,
    schema,
)
from core.types import (
    Decision,
    ExperimentState,
    FileRecord,
    ImageId,
    KeywordCopy,
    KeywordId,
    KeywordStatus,
    Preparation,
    Problem,
    Split,
    Trial,
    Verdict,
)

FILES = [
    FileRecord("biler/lastebil.jpg", "a1", 1_001, 1_700_000_000_000_000_001, 640, 480),
    FileRecord("biler/Øvelse/Tankbil.jpg", "a2", 1_002, 2, 480, 640),
    FileRecord("bro.jpg", "a3", 1_003, 3, 100, 100),
    FileRecord("borte.jpg", "a4", 1_004, 4, 100, 100),
    FileRecord("ødelagt.jpg", "a5", 1_005, 5, 100, 100),
]


def make(path: Path) -> None:
    with Catalog.create(path) as catalog:
        images.record_scan(catalog, FILES, [], [], [])
        truck, tanker, bridge, gone = map(ImageId, range(1, 5))
        table = [(truck, ["Lastebil", "Kjøretøy"]), (tanker, ["lastebil"]), (bridge, ["Bro"])]
        decisions.import_labels(catalog, table, "table")
        lorry, vehicle = KeywordId(1), KeywordId(2)
        with catalog.write() as connection:
            english = keywords.values("Lastebil", "Truck", KeywordStatus.MACHINE)
            same = schema.keywords.c.id == lorry
            connection.execute(update(schema.keywords).where(same).values(english))
        answers = [
            Decision(tanker, lorry, Verdict.REJECTED, "neighbor-search", 0.25),
            Decision(bridge, vehicle, Verdict.UNSURE),
        ]
        decisions.decide(catalog, answers, "kari", "Answer")
        decisions.decide_by_name(catalog, [gone], "Abandoned", "ola", "Abandoned")
        journal.undo(catalog)
        decisions.decide_by_name(catalog, [tanker], "Tankbil", "ola", "Add Tankbil")
        pair_answers.answer_pairs(catalog, {(tanker, truck): True}, "kari", "Duplicates")
        made = Preparation(
            encoder="identity",
            settings='{"minimum": 50}',
            seed=7,
            images=np.array([truck, tanker, bridge]),
            groups=np.array([0, 0, -1]),
            splits=np.array([Split.TRAIN, Split.NONE, Split.TEST]),
            copies=(KeywordCopy(truck, vehicle, tanker),),
            vocabulary=(vehicle, lorry),
        )
        preparation = preparations.add_preparation(catalog, made)
        choices.choose(
            catalog, choices.PREPARATION, str(preparation), "kari", "Use the preparation"
        )
        experiment = experiments.add_experiment(
            catalog,
            kind="tuning",
            model="neighbor-search",
            variant="",
            settings="{}",
            seed=7,
            preparation=preparation,
            data_version="version",
            encoder="identity",
        )
        experiments.add_trial(catalog, experiment, Trial(0, '{"temperature": 30}', 0.5, 0.25))
        done = ExperimentState.DONE
        experiments.finish_experiment(catalog, experiment, done, '{"f2": 0.5}')
        plural, _ = decisions.decide_by_name(
            catalog, [ImageId(5)], "Lastebiler", "ola", "Add Lastebiler"
        )
        keyword_edits.merge_keywords(catalog, lorry, [plural.id], "kari", "Merge")
        bru = keyword_edits.KeywordEdit(KeywordId(3), synonyms=("Bru",))
        keyword_edits.edit_keywords(catalog, [bru], "kari", "Other names")
        decisions.decide_by_name(catalog, [bridge], "Undone", "ola", "Undone")
        journal.undo(catalog)
        encoder = encodings.register_encoder(catalog, "identity", "An encoder", 512)
        marked = np.array([truck, tanker]), np.array([0, 1])
        encodings.mark_encoded(catalog, encoder, *marked, ["a1", "older"])
        unreadable = [Problem("ødelagt.jpg", "It is cut off."), Problem("tom.jpg", "It is empty.")]
        images.record_scan(catalog, [], unreadable, [gone], [])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
