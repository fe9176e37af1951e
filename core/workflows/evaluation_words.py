"""How a report says what a model is, how it was set, and what it reached."""

from __future__ import annotations

from core.workflows.evaluation_record import ModelResult
from core.workflows.model_plans import find_plan
from core.workflows.recipes import ContextEnsemble, SingleContext

_UNSAID = ("patience",)


def model_name(one: ModelResult) -> str:
    """What to call a model, its variant left out."""
    return one.title.split(",")[0]


def variant_name(one: ModelResult) -> str:
    """What a model is called beyond :func:`model_name`."""
    return one.title.removeprefix(model_name(one)).removeprefix(", ")


def training_text(one: ModelResult) -> str:
    """The settings of a net that its row does not tell."""
    known = one.parameters
    said = [f"temperature {known['temperature']:.4g}"]
    if str(known.get("per_keyword", 16)) != "16":
        said.append(f"{known['per_keyword']} prototypes")
    if "epochs" in known:
        epochs = "1 epoch" if known["epochs"] == 1 else f"{known['epochs']} epochs"
        said.append(f"{epochs} in batches of {known['batch_size']}")
        said.append(f"rate {known['learning_rate']:.3g}, momentum {known['momentum']:.3g}")
    return ", ".join(said)


def keyword_name(no: str, en: str) -> str:
    """A keyword, Norwegian and English."""
    return f"{no} ({en})" if en and en != no else no


def interval_text(one: ModelResult) -> str:
    """The interval of micro F2 in percent."""
    found = one.intervals["micro.f2"]
    return bounds_text(f"{100 * found.low:.1f}", f"{100 * found.high:.1f}")


def bounds_text(low: str, high: str) -> str:
    """Two percentages that no line breaks between."""
    joiner, space = "\u2060", "\u00a0"
    return f"{low}{joiner}–{joiner}{high}{space}%"


def settings_text(one: ModelResult) -> str:
    """Hyper-parameters in words; contexts without weight are left out."""
    recipe = find_plan(one.name, one.variant).recipe
    if isinstance(recipe, SingleContext):
        return recipe.contexts[int(one.parameters["context"])]
    if isinstance(recipe, ContextEnsemble) and len(set(one.parameters.values())) == 1:
        return f"{len(one.parameters)} contexts, all with the same weight"
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in one.parameters.items()
        if value != 0 and name not in _UNSAID
    )


def confidence_text(found: tuple[float, bool] | None) -> str:
    """A confidence in [0, 1] in percent, with a mark if it is above the threshold; None: ""."""
    if found is None:
        return ""
    value, above = found
    mark = "●\u00a0" if above else ""
    return f"{mark}{100 * value:.1f}\u00a0%"
