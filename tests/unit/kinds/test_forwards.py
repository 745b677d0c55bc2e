"""Port-forwards as rows."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.forwards import FORWARDS, ForwardRow, ForwardState, forward_health


def forward(**changes: object) -> ForwardRow:
    fields: dict[str, object] = {"port": "http", "local_port": 8080, **changes}
    return ForwardRow("m", "d", "web", "forward-1", 0.0, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (ForwardState.LISTENING, Level.HEALTHY),
        (ForwardState.ACTIVE, Level.HEALTHY),
        (ForwardState.SEARCHING, Level.DEGRADED),
        (ForwardState.FAILED, Level.FAILED),
    ],
)
def test_health_is_that_of_the_last_connection(state: ForwardState, level: Level) -> None:
    verdict = forward_health(forward(state=state.value, error="connection refused"))
    assert verdict.level is level
    assert (verdict.reason == "connection refused") is (level is not Level.HEALTHY)


def test_cells() -> None:
    row = forward(kind="deployments.apps")
    cells = {column.key: column.value(row) for column in FORWARDS.columns}
    assert (cells["local"], cells["name"], cells["port"]) == ("127.0.0.1:8080", "deployments/web", "http")
    assert FORWARDS.columns[1].value(forward(kind="pods")) == "web"
    assert row.url == "http://127.0.0.1:8080"
