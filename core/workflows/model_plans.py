"""Every model and variant that can be tuned and compared: Tables 4.5 to 4.7, and beyond.

Settings that are not tuned are those of thesis Tables 4.3 and 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.errors import ProjectError
from core.models.language_image import CONTEXTS_EN, CONTEXTS_NO
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.models.whitened_search import WhitenedSearch
from core.tuning.neighbor_objective import NEIGHBOR_SPACE
from core.tuning.space import Real, Space, Whole
from core.workflows.caption_names import Names
from core.workflows.recipes import (
    TEMPERATURE,
    TRAINING_SPACE,
    CombinedRecipe,
    ContextEnsemble,
    FineTuned,
    Fitted,
    FittedNet,
    FittedPrototypes,
    Net,
    Recipe,
    SearchedOnce,
    SingleContext,
    WhitenedOnce,
)

AS_IS = "as-is"
FINE_TUNED = "fine-tuned"
COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class NetForm:
    """Where a neighbor net stands in Table 4.7."""

    prototypes: str = "No"
    clustering: str = "–"
    prototype_labels: str = "–"
    fine_tuned: bool = False
    temperature: str = "Trained"
    """Or "Fixed", when the first layer is trained."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A model by the ``name`` and ``variant`` of reports and commands, and how it is made."""

    name: str
    variant: str
    title: str
    recipe: Recipe
    form: NetForm | None = None
    names: Names | None = None
    """The names of keywords that it knows, if that is all it learns from."""
    sibling: str = ""
    """The variant whose tuned settings fine-tuning starts from (thesis section 4.2)."""

    @property
    def is_text(self) -> bool:
        """Whether it knows keywords from their names alone."""
        return self.names is not None


def _training(epochs: int, batch: int, rate: float, momentum: float) -> dict[str, float]:
    return {
        "epochs": epochs,
        "batch_size": batch,
        "learning_rate": rate,
        "momentum": momentum,
        "patience": max(5, epochs),
    }


_WEIGHING = {"temperature": 68.566, "max_difference": 5.2568, "max_neighbors": 36}
_RANDOM = {"per_keyword": 16, "grouping": "random"}
_CLUSTERED = {"per_keyword": 16, "grouping": "k-means"}
_COUNT = Whole("per_keyword", 1, 256, log=True)
_MILITARY = "a photo from the military of a {}"

_NAMES_AND_CONTEXTS = (
    (Names.ORIGINAL, CONTEXTS_EN + CONTEXTS_NO),
    (Names.AUTOMATIC, CONTEXTS_EN),
    (Names.MANUAL, CONTEXTS_EN),
)
_ENGLISH = {Names.AUTOMATIC: "automatic English", Names.MANUAL: "manual English"}


def _language_image(names: Names, contexts: tuple[str, ...]) -> tuple[ModelPlan, ...]:
    """Both forms of Table 4.5 with one vocabulary."""
    named = f"{_ENGLISH.get(names, str(names))} names"
    recipes: tuple[tuple[str, str, Recipe], ...] = (
        ("ensemble", "context ensemble", ContextEnsemble.of(contexts, names)),
        ("single", "single context", SingleContext.of(contexts, _MILITARY, names)),
    )
    return tuple(
        ModelPlan(
            "language-image",
            f"{names}-{kind}",
            f"Language-image, {said}, {named}",
            recipe,
            names=names,
        )
        for kind, said, recipe in recipes
    )


_TEXT = tuple(plan for both in _NAMES_AND_CONTEXTS for plan in _language_image(*both))

_SEARCH: tuple[ModelPlan, ...] = (
    ModelPlan("1-nn", AS_IS, "1-NN", Fitted((), {}, NearestNeighbor)),
    ModelPlan(
        "neighbor-search",
        AS_IS,
        "Neighbor search",
        SearchedOnce(NEIGHBOR_SPACE, _WEIGHING, NeighborSearch),
    ),
    ModelPlan(
        "neighbor-search",
        FINE_TUNED,
        "Neighbor search, fine-tuned",
        FineTuned(TRAINING_SPACE, _WEIGHING | _training(12, 64, 1.0, 0.9), FilteredNeighborNet),
        sibling=AS_IS,
    ),
    ModelPlan(
        "whitened-search",
        AS_IS,
        "Whitened neighbor search",
        WhitenedOnce(
            NEIGHBOR_SPACE,
            {"temperature": 16.0, "max_difference": 7.0, "max_neighbors": 72, "whitening": 0.5},
            WhitenedSearch,
        ),
    ),
)

_BOTH = (TEMPERATURE, _COUNT)
_FIXED = {"temperature_mode": "fixed"}
_SIMPLE, _CLASS_WISE = "simple-neighbor-net", "class-wise-neighbor-net"
_KINDS = {_SIMPLE: "Simple neighbor net", _CLASS_WISE: "Class-wise neighbor net"}


def _net(
    name: str,
    variant: str,
    title: str,
    form: NetForm,
    estimator: type[Net],
    defaults: dict[str, Any],
    space: Space = (TEMPERATURE,),
    sibling: str = "",
) -> ModelPlan:
    """A net by its form: as it is, or fine-tuned."""
    recipe: Recipe
    if form.fine_tuned:
        recipe = FineTuned((*space, *TRAINING_SPACE), defaults, estimator)
    elif issubclass(estimator, SimplePrototypeNet | ClassWisePrototypeNet):
        recipe = FittedPrototypes(space, defaults, estimator)
    else:
        recipe = FittedNet(space, defaults, estimator)
    if name == _CLASS_WISE:
        form = replace(form, temperature="Fixed")  # thesis section 3.2.3, footnote 8
    return ModelPlan(name, variant, f"{_KINDS[name]}{title}", recipe, form, sibling=sibling)


_NETS: tuple[ModelPlan, ...] = (
    _net(_SIMPLE, AS_IS, "", NetForm(), SimpleNeighborNet, {"temperature": 105.60}),
    _net(
        _SIMPLE,
        FINE_TUNED,
        ", fine-tuned",
        NetForm(fine_tuned=True),
        SimpleNeighborNet,
        {"temperature": 105.60, **_training(6, 319, 0.000016878, 0.10277)},
        (),
        AS_IS,
    ),
    _net(
        _SIMPLE,
        "prototypes-random-one-hot",
        ", 16 random prototypes, one-hot",
        NetForm("16", "No", "One-hot"),
        SimplePrototypeNet,
        {**_RANDOM, "prototype_labels": "one-hot", "temperature": 10.557},
    ),
    _net(
        _SIMPLE,
        "prototypes-random",
        ", 16 random prototypes",
        NetForm("16", "No", "Average"),
        SimplePrototypeNet,
        {**_RANDOM, "temperature": 43.653},
    ),
    _net(
        _SIMPLE,
        "prototypes-one-hot",
        ", 16 prototypes, one-hot",
        NetForm("16", "Yes", "One-hot"),
        SimplePrototypeNet,
        {**_CLUSTERED, "prototype_labels": "one-hot", "temperature": 57.704},
    ),
    _net(
        _SIMPLE,
        "prototypes",
        ", 16 prototypes",
        NetForm("16", "Yes", "Average"),
        SimplePrototypeNet,
        {**_CLUSTERED, "temperature": 43.653},
    ),
    _net(
        _SIMPLE,
        "prototypes-fine-tuned",
        ", 16 prototypes, fine-tuned",
        NetForm("16", "Yes", "Average", fine_tuned=True),
        SimplePrototypeNet,
        {**_CLUSTERED, "temperature": 43.653, **_training(12, 33, 9.8052, 0.36597)},
        (),
        "prototypes",
    ),
    _net(
        _SIMPLE,
        "prototypes-fixed-temperature",
        ", 16 prototypes, fine-tuned, fixed temperature",
        NetForm("16", "Yes", "Average", fine_tuned=True, temperature="Fixed"),
        SimplePrototypeNet,
        {**_CLUSTERED, "temperature": 43.653, **_training(12, 33, 9.8052, 0.36597), **_FIXED},
    ),
    _net(
        _SIMPLE,
        "prototypes-random-fine-tuned",
        ", 16 random prototypes, fine-tuned",
        NetForm("16", "No", "Average", fine_tuned=True),
        SimplePrototypeNet,
        {**_RANDOM, "temperature": 43.653, **_training(12, 33, 9.8052, 0.36597)},
        (),
        "prototypes-random",
    ),
    _net(
        _SIMPLE,
        "prototypes-count",
        ", number of prototypes tuned",
        NetForm("Optimized", "Yes", "Average"),
        SimplePrototypeNet,
        {**_CLUSTERED, "per_keyword": 64, "temperature": 102.13},
        _BOTH,
    ),
    _net(
        _SIMPLE,
        "prototypes-count-fine-tuned",
        ", number of prototypes tuned, fine-tuned",
        NetForm("Optimized", "Yes", "Average", fine_tuned=True),
        SimplePrototypeNet,
        {**_CLUSTERED, "per_keyword": 64, "temperature": 102.13}
        | _training(12, 33, 9.8052, 0.36597),
        (_COUNT,),
        "prototypes-count",
    ),
    _net(_CLASS_WISE, AS_IS, "", NetForm(), ClassWiseNeighborNet, {"temperature": 14.193}),
    _net(
        _CLASS_WISE,
        FINE_TUNED,
        ", fine-tuned",
        NetForm(fine_tuned=True),
        ClassWiseNeighborNet,
        {"temperature": 14.193, **_training(30, 64, 100.0, 0.97)},
    ),
    _net(
        _CLASS_WISE,
        "prototypes",
        ", 16 prototypes",
        NetForm("16", "Yes"),
        ClassWisePrototypeNet,
        {**_CLUSTERED, "temperature": 14.193},
    ),
    _net(
        _CLASS_WISE,
        "prototypes-fine-tuned",
        ", 16 prototypes, fine-tuned",
        NetForm("16", "Yes", fine_tuned=True),
        ClassWisePrototypeNet,
        {**_CLUSTERED, "temperature": 4.9755, **_training(63, 64, 100.0, 0.9039)},
    ),
    _net(
        _CLASS_WISE,
        "prototypes-random",
        ", 16 random prototypes",
        NetForm("16", "No"),
        ClassWisePrototypeNet,
        {**_RANDOM, "temperature": 14.193},
    ),
    _net(
        _CLASS_WISE,
        "prototypes-random-fine-tuned",
        ", 16 random prototypes, fine-tuned",
        NetForm("16", "No", fine_tuned=True),
        ClassWisePrototypeNet,
        {**_RANDOM, "temperature": 1.0, **_training(100, 64, 52.2653, 0.99)},
    ),
)

_PROBES: tuple[ModelPlan, ...] = (
    ModelPlan(
        "linear-probe",
        AS_IS,
        "Linear probe",
        Fitted(
            (Real("inverse_regularization", 0.01, 1000, log=True), Real("balance", 0, 1)),
            {"inverse_regularization": 10.0, "balance": 0.0},
            LinearProbe,
        ),
    ),
)

_COMBINED = ModelPlan(
    COMBINED,
    AS_IS,
    "Combined",
    CombinedRecipe(
        (),
        {},
        (
            ("language-image", "manual-ensemble"),
            ("language-image", "automatic-ensemble"),
            ("language-image", "original-ensemble"),
            ("neighbor-search", AS_IS),
            ("whitened-search", AS_IS),
            ("simple-neighbor-net", "prototypes-fine-tuned"),
            ("linear-probe", AS_IS),
        ),
    ),
)

PLANS: tuple[ModelPlan, ...] = (*_TEXT, *_SEARCH, *_NETS, *_PROBES, _COMBINED)


def find_plan(name: str, variant: str = "") -> ModelPlan:
    """The plan of a model; without a variant, its first. Raises :class:`ProjectError`."""
    of_model = [plan for plan in PLANS if plan.name == name]
    if not of_model:
        names = ", ".join(dict.fromkeys(plan.name for plan in PLANS))
        raise ProjectError(f"There is no model {name}.", f"Choose one of: {names}.")
    for plan in of_model:
        if variant in ("", plan.variant):
            return plan
    variants = ", ".join(plan.variant for plan in of_model)
    raise ProjectError(f"{name} has no variant {variant}.", f"Choose one of: {variants}.")
