import numpy as np
import pytest

from core.models.language_image import CONTEXTS_EN, CONTEXTS_NO, LanguageImage, captions


def test_table_4_1_has_fourteen_contexts_in_each_language() -> None:
    assert len(CONTEXTS_EN) == len(CONTEXTS_NO) == 14
    assert captions(["crane"], ["a photo of a {}"]) == ["a photo of a crane"]
    assert captions(["a", "b"], ["x {}", "y {}"]) == ["x a", "x b", "y a", "y b"]


def test_hand_computed_case() -> None:
    # two contexts, one keyword: weights 3 and 1 average (1, 0) and (0, 1) to (3, 1) / sqrt(10)
    vectors = np.array([[[1, 0]], [[0, 1]]], dtype=np.float32)
    model = LanguageImage(vectors, [3, 1]).fit()
    confidences = model.predict_confidence(np.array([[1, 0], [-1, 0]], dtype=np.float32))
    cosine = 3 / np.sqrt(10)
    assert confidences == pytest.approx(np.array([[(1 + cosine) / 2], [(1 - cosine) / 2]]))


def test_equals_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(3, 4, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    queries = rng.normal(size=(6, 5)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=-1, keepdims=True)
    weights = [100.0, 0.0, 12.57]
    confidences = LanguageImage(vectors, weights).fit().predict_confidence(queries)
    for n, query in enumerate(queries):
        for c in range(4):
            average = sum(w * vectors[k, c] for k, w in enumerate(weights))
            cosine = float(query @ average) / float(np.linalg.norm(average))
            assert confidences[n, c] == pytest.approx((cosine + 1) / 2, abs=1e-6)


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [1], [np.nan, 1]])
def test_impossible_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        LanguageImage(np.zeros((2, 1, 3), dtype=np.float32), weights).fit()


def test_a_context_without_a_place_for_the_name_is_refused() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        captions(["crane"], ["a photo"])
