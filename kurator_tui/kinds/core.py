"""Core Kubernetes kinds."""

from __future__ import annotations

from kurator_tui.kinds.base import AnyKind

KINDS: tuple[AnyKind, ...] = ()
