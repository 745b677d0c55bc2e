"""Which PodDisruptionBudgets hold a pod's eviction up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kurator_tui.kinds.selectors import holds, of_spec
from kurator_tui.kinds.shapes import Object, at, mapping, meta, name_of, namespace_of, text


def budgets_of(pod: Object, budgets: Iterable[Object]) -> list[Object]:
    """The budgets of the pod's namespace whose selector means it; `{}` means all pods."""
    labels = [(key, text(value)) for key, value in mapping(meta(pod).get("labels")).items()]
    return [
        each
        for each in budgets
        if namespace_of(each) == namespace_of(pod) and _means(at(each, "spec", "selector"), labels)
    ]


def _means(selector: object, labels: list[tuple[str, str]]) -> bool:
    if isinstance(selector, Mapping) and not any(selector.values()):
        return True
    found = of_spec(selector)
    return bool(found) and holds(found, labels)


def why_never(pod: Object, budgets: Iterable[Object]) -> str:
    """Why no server evicts the pod, however long one waits; "" where one does."""
    mine = budgets_of(pod, budgets)
    if len(mine) < 2 or _unguarded(pod):
        return ""
    return f"several budgets mean it ({', '.join(sorted(map(name_of, mine)))}): no server evicts it, delete it"


def why_held(pod: Object, budgets: Iterable[Object]) -> str:
    """Why an eviction now would be refused, "" where it would not."""
    for each in () if _unguarded(pod) else budgets_of(pod, budgets):
        if at(each, "status", "disruptionsAllowed") == 0:
            healthy, wanted = at(each, "status", "currentHealthy"), at(each, "status", "desiredHealthy")
            return f"budget {name_of(each)} allows no disruption now ({healthy} healthy, {wanted} needed)"
    return ""


def _unguarded(pod: Object) -> bool:
    """No budget is asked about a pod that does not run."""
    return at(pod, "status", "phase") in ("Pending", "Succeeded", "Failed")
