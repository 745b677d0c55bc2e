"""Where Enter leads from deliveries and the lines of their chains. Pure; named in `kinds.children`."""

from __future__ import annotations

from kurator_tui.kinds.deliveries import DELIVERY_STEPS, DeliveryRow, DeliveryStepRow
from kurator_tui.kinds.links import Target, one
from kurator_tui.kinds.registry import KINDS


def of_delivery(row: DeliveryRow) -> list[Target]:
    """The chain of its Application, over all members that it goes to."""
    return [Target(DELIVERY_STEPS.id, where=(("root", f"{row.namespace}/{row.name}"),), title=row.name)]


def of_step(row: DeliveryStepRow) -> list[Target]:
    """The object of one line, in the table of its kind."""
    return [one(row.kind, row.where, row.namespace, row.name)] if row.kind in KINDS else []
