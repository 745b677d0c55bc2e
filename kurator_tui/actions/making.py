"""What objects that verbs make have in common: names of their own, references to whom they are about. Pure."""

from __future__ import annotations

import re
import secrets
from typing import Any

from kurator_tui.actions.plan import Obj
from kurator_tui.kinds.shapes import meta

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL = 63
"""A name that goes into labels and names of pods is no longer."""


def fresh(*parts: str, most: int = _LABEL) -> str:
    """A name that nobody has: as `generateName` makes it, but known before it is sent."""
    return f"{'-'.join(parts)[: most - 7].rstrip('-.')}-{secrets.token_hex(3)}"


def is_name(text: str) -> bool:
    """Whether an object may be called so."""
    return _NAME.fullmatch(text) is not None


def reference(obj: Obj, *, controller: bool = False) -> dict[str, Any]:
    """An owner reference to an object that was read."""
    head = {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind")}
    found = {**head, "name": meta(obj).get("name"), "uid": meta(obj).get("uid")}
    return {**found, "controller": True} if controller else found
