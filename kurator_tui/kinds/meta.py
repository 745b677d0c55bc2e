"""Object metadata as the projections read it, and the small readers every kind shares.

All fields have defaults: an object without status, or with nulls, is still an object.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated

import msgspec

EPOCH_UNKNOWN = 0.0

GPU_RESOURCES = ("nvidia.com/gpu", "amd.com/gpu")
"""Extended resources counted as GPUs."""


Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A count as the API defines counts. A member that sends more is lying, and could overflow a sum."""

Int64 = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A generation."""

MOST = 2**46
"""Largest amount that counts (64 TiB, 70 billion cores): a hundred thousand of them still add up in 64 bits."""


class Projection(msgspec.Struct, rename="camel", gc=False):
    """Base of all projections: snake_case here, camelCase on the wire, unknown fields skipped in C."""


class OwnerReference(Projection):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


class ObjectMeta(Projection):
    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None
    generation: Int64 | None = None


class SlimMeta(Projection):
    """Metadata without annotations and labels, for kinds with very many objects."""

    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    owner_references: list[OwnerReference] | None = None


class Condition(Projection):
    """A status condition, Kubernetes or Cluster API style (`severity` is Cluster API's)."""

    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    severity: str | None = None
    last_transition_time: str | None = None
    last_heartbeat_time: str | None = None
    last_update_time: str | None = None


class NameRef(Projection):
    """A reference by name, as `corev1.ObjectReference` and its smaller relatives."""

    name: str | None = None
    namespace: str | None = None
    kind: str | None = None
    key: str | None = None


def unix(timestamp: str | None) -> float:
    """RFC 3339 text to Unix seconds; 0.0 for nothing or for text that is no time."""
    if not timestamp:
        return EPOCH_UNKNOWN
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except (ValueError, OverflowError):
        return EPOCH_UNKNOWN


def intern(text: str | None) -> str:
    """One copy of a string that thousands of rows repeat (namespace, node, phase)."""
    return sys.intern(text) if text else ""


def one_line(message: str | None) -> str:
    """A message whose line breaks and indents mean nothing (Helm's, admission's) as one line."""
    return " ".join(message.split()) if message else ""


def condition(conditions: list[Condition] | None, kind: str) -> Condition | None:
    """The condition of type `kind`, or None."""
    return next((c for c in conditions or () if c.type == kind), None)


def label_pairs(meta: ObjectMeta) -> tuple[tuple[str, str], ...]:
    """Labels as sorted, interned pairs: how a row holds them."""
    return tuple((intern(key), intern(value)) for key, value in sorted((meta.labels or {}).items()))


def label_pairs_of(labels: object) -> tuple[tuple[str, str], ...]:
    """The same of a plain mapping, such as a selector; empty for what is none."""
    if not isinstance(labels, Mapping):
        return ()
    return tuple((intern(str(key)), intern(str(value))) for key, value in sorted(labels.items()))


_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}


def quantity(text: object) -> float:
    """A `resource.Quantity` ("250m", "1Gi", "2e3", 4) in its base unit; 0.0 for what is none or not finite."""
    raw = str(text).strip() if text is not None else ""
    if not raw:
        return 0.0
    factor = 1.0
    if raw[-2:] in _BINARY:
        raw, factor = raw[:-2], float(_BINARY[raw[-2:]])
    elif raw[-1:] in _DECIMAL:
        raw, factor = raw[:-1], _DECIMAL[raw[-1:]]
    try:
        value = float(raw) * factor
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


@lru_cache(maxsize=8192)
def whole(amount: str | int | float | None, unit: int = 1) -> int:
    """A quantity in 1/`unit` of its base unit, rounded up as `Quantity.Value` does; from 0 to `MOST`."""
    return min(max(math.ceil(quantity(amount) * unit - 1e-6), 0), MOST)
