"""A small kind with a column of every format, and rows of it."""

from __future__ import annotations

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Kind, Level, Row

NOW = 1_000_000.0


class ThingRow(Row, frozen=True, gc=False, array_like=True):
    status: str = "Running"
    restarts: int = 0
    memory: int | None = None
    cores: int | None = None
    cpu: float | None = None
    latency: float | None = None
    expiry: float | None = None
    version: str = ""
    ready: bool | None = None
    level: Level = Level.HEALTHY
    message: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def _health(row: ThingRow) -> Health:
    return HEALTHY if row.level is Level.HEALTHY else Health(row.level, row.message)


THING: Kind[Row, ThingRow] = Kind(
    id="things",
    name="Thing",
    plural="things",
    row=ThingRow,
    health=_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("status", "STATUS", lambda r: r.status),
        Column("restarts", "RESTARTS", lambda r: r.restarts, Format.COUNT),
        Column("memory", "MEMORY", lambda r: r.memory, Format.BYTES),
        Column("cores", "CORES", lambda r: r.cores, Format.MILLICORES),
        Column("cpu", "CPU", lambda r: r.cpu, Format.RATIO),
        Column("latency", "LATENCY", lambda r: r.latency, Format.MILLISECONDS),
        Column("expiry", "EXPIRY", lambda r: r.expiry, Format.UNTIL),
        Column("version", "VERSION", lambda r: r.version),
        Column("ready", "READY", lambda r: r.ready),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH),
        Column("message", "MESSAGE", lambda r: r.message),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
)


def thing(
    name: str = "web-1",
    *,
    cluster: str = "eu-1",
    namespace: str = "shop",
    uid: str = "",
    age: float = 60.0,
    **fields: object,
) -> ThingRow:
    """A row that is `age` seconds old at `NOW`."""
    return ThingRow(cluster, namespace, name, uid or name, NOW - age, **fields)  # type: ignore[arg-type]
