"""The linear probe against scikit-learn's logistic regression, keyword by keyword."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from core.errors import Cancelled
from core.models import linear_probe
from core.models.linear_probe import LinearProbe
from core.progress import Silent


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(0.5, 1, size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(300, 8, 0)
LABELS = np.stack(
    [VECTORS @ unit(1, 8, seed)[0] + noise > cut for seed, noise, cut in
     [(1, 0.0, 0.2), (2, np.random.default_rng(5).normal(0, 0.5, 300), 0.4),
      (3, np.random.default_rng(6).normal(0, 0.2, 300), 0.8)]],
    axis=1,
)  # fmt: skip


@pytest.mark.parametrize("strength", [0.1, 1.0, 30.0])
@pytest.mark.parametrize(("balance", "class_weight"), [(0.0, None), (1.0, "balanced")])
def test_same_coefficients_as_scikit_learn(
    strength: float, balance: float, class_weight: str | None
) -> None:
    probe = LinearProbe(strength, balance, 1000).fit(VECTORS, csr_array(LABELS))
    for c in range(3):
        oracle = LogisticRegression(
            C=strength, class_weight=class_weight, tol=1e-8, max_iter=10_000
        )
        oracle.fit(VECTORS.astype(np.float64), LABELS[:, c])
        scale = np.abs(oracle.coef_).max()
        assert probe.coefficients_[c] / scale == pytest.approx(oracle.coef_[0] / scale, abs=5e-3)
        assert probe.predict_confidence(VECTORS)[:, c] == pytest.approx(
            oracle.predict_proba(VECTORS)[:, 1], abs=5e-3
        )


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = LinearProbe().fit(VECTORS, csr_array(LABELS)).predict_confidence(VECTORS)
    monkeypatch.setattr(linear_probe, "_AT_ONCE", 100)
    parts = LinearProbe().fit(VECTORS, csr_array(LABELS)).predict_confidence(VECTORS)
    assert parts == pytest.approx(whole, abs=2e-3)


def test_a_keyword_that_none_or_all_have_is_certain() -> None:
    labels = np.zeros((300, 2))
    labels[:, 1] = 1
    found = LinearProbe().fit(VECTORS, csr_array(labels)).predict_confidence(VECTORS[:4])
    assert found[:, 0] == pytest.approx(0, abs=1e-9)
    assert found[:, 1] == pytest.approx(1, abs=1e-9)


def test_balance_raises_the_confidence_of_the_rare() -> None:
    plain = LinearProbe(balance=0.0).fit(VECTORS, csr_array(LABELS)).predict_confidence(VECTORS)
    half = LinearProbe(balance=0.5).fit(VECTORS, csr_array(LABELS)).predict_confidence(VECTORS)
    rare = int(LABELS.sum(axis=0).argmin())
    assert half[:, rare].mean() > plain[:, rare].mean()


def test_it_can_be_cancelled() -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        LinearProbe().fit(VECTORS, csr_array(LABELS), Stop())


def test_no_references_are_refused() -> None:
    with pytest.raises(ValueError, match="needs references"):
        LinearProbe().fit(VECTORS[:0], csr_array((0, 3)))
    with pytest.raises(ValueError, match="inverse regularization"):
        LinearProbe(0.0).fit(VECTORS, csr_array(LABELS))
