"""What of an object is secret, and what stands in its place. Pure; nothing that is masked can be told from it.

A marker says how long the value is, so that an empty or a cut one can be recognised.
"""

from __future__ import annotations

import binascii
from hashlib import blake2b
from typing import Any

from kurator_tui.kinds.shapes import at

MASK = "•••"
"""Begins every marker."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that repeats the whole object."""
_TYPED = {"SecretList": "Secret"}
"""The items of a typed list need not repeat their kind."""


_CARRIED = ("spec", "workload", "manifests")
"""What Karmada's Work brings to a member: whole objects, Secrets among them."""


def marker(value: object, *, encoded: bool = False, salt: str = "") -> str:
    """What stands for a secret `value`; `encoded` where it is base64, whose content is measured.

    With a `salt` it ends with a keyed digest, so that a comparison sees which values differ.
    """
    if not isinstance(value, str):
        return MASK
    data = value.encode("utf-8", "replace")
    digest = f" #{blake2b(data, key=salt.encode()[:64], digest_size=8).hexdigest()}" if salt else ""
    size = len(data)
    if encoded:
        try:
            size = len(binascii.a2b_base64(value, strict_mode=True))
        except (binascii.Error, ValueError):
            return MASK + digest
    return f"{MASK} {size} byte{'' if size == 1 else 's'}{digest}"


def masked(obj: dict[str, Any], salt: str = "", *, managed: bool = False) -> dict[str, Any]:
    """`obj` with every value of a Secret, or of each Secret in a list, replaced by its marker.

    `salt` is the marker's. Without managedFields unless `managed`.
    """
    shown = dict(obj)
    meta = obj.get("metadata")
    if isinstance(meta, dict):
        meta = shown["metadata"] = {key: value for key, value in meta.items() if managed or key != "managedFields"}
    if obj.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if part in obj:
                shown[part] = _markers(obj[part], salt, encoded=part == "data")
        annotations = meta.get("annotations") if isinstance(meta, dict) else None
        if isinstance(meta, dict) and isinstance(annotations, dict) and LAST_APPLIED in annotations:
            meta["annotations"] = {**annotations, LAST_APPLIED: marker(annotations[LAST_APPLIED], salt=salt)}
    elif obj.get("kind") == "Work" and isinstance(carried := at(obj, *_CARRIED), list):
        within = [masked(each, salt, managed=managed) if isinstance(each, dict) else each for each in carried]
        shown["spec"] = {**obj["spec"], "workload": {**obj["spec"]["workload"], "manifests": within}}
    elif isinstance(items := obj.get("items"), list):
        kind = _TYPED.get(str(obj.get("kind")))
        typed = {"kind": kind} if kind else {}
        shown["items"] = [
            masked({**item, **typed}, salt, managed=managed) if isinstance(item, dict) else item for item in items
        ]
    return shown


def _markers(values: object, salt: str, *, encoded: bool) -> Any:
    if not isinstance(values, dict):
        return MASK
    return {key: marker(value, encoded=encoded, salt=salt) for key, value in values.items()}
