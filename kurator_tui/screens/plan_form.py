"""The form of a verb's parameters: what is asked for, what stands there, what is plainly wrong.

What a field holds at first is what the object says now, where the verb's parameter is one of its fields. The
feeder checks everything once more; what it finds wrong is shown with the plan, and `p` comes back here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.errors import UsageError
from kurator_tui.kinds.arguments import check
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verb import Parameter, Verb
from kurator_tui.widgets.form import Field, FormDialog

_CONTAINER, _IMAGE = "container", "image"
YES_NO = ("yes", "no")


def containers(obj: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The containers that the object's pods have, or it has itself."""
    spec = obj.get("spec")
    for step in ("jobTemplate", "spec", "template", "spec"):
        inner = spec.get(step) if isinstance(spec, Mapping) else None
        if isinstance(inner, Mapping):
            spec = inner
    found = spec.get("containers") if isinstance(spec, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def present(parameter: Parameter, obj: Mapping[str, Any]) -> str:
    """What the object says now of a parameter, "" where it says nothing."""
    if parameter.name in (_CONTAINER, _IMAGE):
        field = "name" if parameter.name == _CONTAINER else "image"
        return next((str(each.get(field, "")) for each in containers(obj)), "")
    value: Any = obj
    for step in (parameter.field or f"spec.{parameter.name}").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return json.dumps(value) if parameter.kind == "map" and value else _said(value)


def _said(value: object) -> str:
    """A value as its parameter is written: pairs and names with blanks between, anything deeper as JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        flat = all(isinstance(each, str) for each in value.values())
        return " ".join(f"{key}={each}" for key, each in value.items()) if flat else json.dumps(value)
    if isinstance(value, list):
        names = [each.get("name") if isinstance(each, Mapping) else each for each in value]
        return " ".join(map(str, names))
    return str(value) if isinstance(value, str | int | float) else ""


def asked_for(verb: Verb) -> list[Parameter]:
    """The parameters that have a line in a form: texts are for an editor, fields are decided in the review."""
    return [parameter for parameter in verb.parameters if parameter.kind not in ("yaml", "fields")]


def form_fields(
    verb: Verb, given: Mapping[str, str], obj: Mapping[str, Any], clusters: Sequence[str] = ()
) -> list[Field]:
    """A field a parameter: what was given, else what the object says, else the default."""
    return [
        Field(
            parameter.name,
            parameter.label,
            given.get(parameter.name) or _first(parameter, obj),
            parameter.help or ("needed" if parameter.required else ""),
            _choices(parameter, obj),
            tuple(clusters) if parameter.kind == "clusters" else (),
        )
        for parameter in asked_for(verb)
    ]


def _first(parameter: Parameter, obj: Mapping[str, Any]) -> str:
    """What the object says counts more than the default where the parameter names its field."""
    now = present(parameter, obj)
    return (now or parameter.default) if parameter.field else (parameter.default or now)


def _choices(parameter: Parameter, obj: Mapping[str, Any]) -> tuple[str, ...]:
    if parameter.kind == "bool":
        return YES_NO
    if parameter.name == _CONTAINER and len(found := containers(obj)) > 1:
        return tuple(str(each.get("name", "")) for each in found)
    return parameter.choices


def wrong(verb: Verb, values: Mapping[str, str]) -> str:
    """What is plainly wrong with the values, "" when nothing is."""
    for parameter in asked_for(verb):
        text = values.get(parameter.name, "")
        if parameter.required and not text:
            return f"{parameter.label} is needed. {parameter.help}".strip()
        try:
            check(verb, parameter, text)
        except UsageError as error:
            return error.message
    return ""


def about(targets: Sequence[Target]) -> str:
    """Whom it is about, for the form."""
    named = "\n".join(target.label for target in targets[:4])
    return f"{named}\nand {len(targets) - 4} more" if len(targets) > 4 else named


def plan_form(
    verb: Verb,
    targets: Sequence[Target],
    given: Mapping[str, str],
    obj: Mapping[str, Any],
    clusters: Sequence[str] = (),
) -> FormDialog:
    """Dismisses with the arguments, or None. `clusters` are those there are."""
    message = f"{about(targets)}\nThe plan is shown next; nothing is written before it is confirmed."
    fields = form_fields(verb, given, obj, clusters)
    return FormDialog(f"{verb.label}: {verb.description}", message, fields, lambda values: wrong(verb, values))
