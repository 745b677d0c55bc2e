"""Admission webhooks as rules read them. Pure; analysers share it."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.extensions import VALIDATING_WEBHOOK_CONFIGURATION
from kurator_tui.kinds.table import ObjectRow, part

FAIL = "Fail"


def hooks(row: ObjectRow) -> list[list[Any]]:
    """[name, Service, end of the certificate, whether there is one, failure policy] of each webhook."""
    return part(VALIDATING_WEBHOOK_CONFIGURATION, row, "authorities") or []  # both kinds have the same parts
