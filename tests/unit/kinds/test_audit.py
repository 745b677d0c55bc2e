"""Entries of the audit as rows."""

from __future__ import annotations

import json

from kurator_tui.kinds.audit import audit_rows


def test_steps_that_several_feeders_numbered_alike_are_rows_of_their_own() -> None:
    def entry(cluster: str, event: str, outcome: str = "") -> dict[str, object]:
        target = {"cluster": cluster, "kind": "pods", "namespace": "d", "name": "web"}
        return {
            "event": event,
            "at": "",
            "plan": "p",
            "verb": "delete",
            "step": 0,
            "target": target,
            "outcome": outcome,
        }

    entries = [
        entry("a", "intent"),
        entry("b", "intent"),
        entry("a", "outcome", "failed"),
        entry("b", "outcome", "done"),
    ]
    rows = audit_rows(json.dumps(entries))
    assert [(row.cluster, row.outcome) for row in rows] == [("a", "failed"), ("b", "done")]
    assert len({row.key for row in rows}) == 2
