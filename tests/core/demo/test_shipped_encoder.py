"""The encoder that ships: small, whole, and the one its self-test speaks of."""

from __future__ import annotations

import hashlib
import json

from core.demo.export_encoder import GOLDEN_FILE, GOLDEN_TEXTS, WEIGHTS_FILE
from core.encoders import load_encoder
from core.encoders.selftest import check_texts
from core.workflows.demo import demo_encoder

MOST_BYTES = 20_000_000


def test_the_shipped_weights_are_small_and_those_of_the_self_test() -> None:
    weights = (demo_encoder() / WEIGHTS_FILE).read_bytes()
    golden = json.loads((demo_encoder() / GOLDEN_FILE).read_text(encoding="utf-8"))
    assert len(weights) <= MOST_BYTES
    assert hashlib.sha256(weights).hexdigest() == golden["sha256"]
    assert set(golden["texts"]) == set(GOLDEN_TEXTS)


def test_the_shipped_encoder_passes_its_self_test() -> None:
    """Loading compares the vector of the image; those of the texts are compared here."""
    encoder = load_encoder(str(demo_encoder()), "cpu")
    check_texts(demo_encoder(), encoder.encode_texts)
