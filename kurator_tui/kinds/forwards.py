"""Port-forwards as rows: what listens here, where it leads, and how it goes. `fleet.forwards` makes them."""

from __future__ import annotations

import enum

from kurator_tui.kinds.base import HEALTHY, AnyKind, Column, Format, Health, Kind, Level, Row


class ForwardState(enum.StrEnum):
    """How a forward is."""

    LISTENING = "listening"
    """Nobody is connected; the last connection, if any, was all right."""
    ACTIVE = "active"
    SEARCHING = "searching"
    """The pod is gone, or was never there: another one is looked for with the next connection."""
    FAILED = "failed"
    """The last connection failed; the next one tries again."""


class ForwardRow(Row, frozen=True, gc=False, array_like=True):
    """One forward. `name`, `namespace` and `kind` (a kind's id) are the target's; `uid` is the forward's own.

    Bytes are counted from our side: `received` came from the pod.
    """

    kind: str = "pods"
    port: str = ""
    """As asked for: a number, or the name of a port."""
    local_port: int = 0
    """On 127.0.0.1."""
    pod: str = ""
    remote_port: int = 0
    state: str = ForwardState.LISTENING
    connections: int = 0
    """Open now."""
    received: int = 0
    sent: int = 0
    error: str = ""
    """Why the last connection failed; "" when it did not."""

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.local_port}"


_LEVELS = {ForwardState.SEARCHING: Level.DEGRADED, ForwardState.FAILED: Level.FAILED}


def forward_health(row: ForwardRow) -> Health:
    """Healthy unless the last connection failed."""
    level = next((level for state, level in _LEVELS.items() if row.state == state), None)
    return Health(level, row.error or row.state) if level is not None else HEALTHY


def _target(row: ForwardRow) -> str:
    return row.name if row.kind == "pods" else f"{row.kind.partition('.')[0]}/{row.name}"


FORWARDS: AnyKind = Kind(
    id="forwards",
    name="PortForward",
    plural="forwards",
    short_names=("pf",),
    row=ForwardRow,
    health=forward_health,
    columns=(
        Column("local", "LOCAL", lambda r: f"127.0.0.1:{r.local_port}", priority=0),
        Column("name", "TARGET", _target, priority=0),
        Column("port", "PORT", lambda r: r.port, priority=1),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("state", "STATE", lambda r: str(r.state), priority=0, level=lambda r: forward_health(r).level),
        Column("pod", "POD", lambda r: r.pod, priority=3),
        Column("connections", "OPEN", lambda r: r.connections, Format.COUNT, priority=2),
        Column("received", "IN", lambda r: r.received, Format.BYTES, priority=4),
        Column("sent", "OUT", lambda r: r.sent, Format.BYTES, priority=4),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=3),
        Column("reason", "REASON", lambda r: r.error, priority=2, width=80),
    ),
)

KINDS = (FORWARDS,)
