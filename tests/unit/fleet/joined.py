"""A store with plain objects in it, as servers would send them, for tests of joins: objects in, rows out."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.meta import unix
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
ABSENT = Freshness(State.ABSENT, 1.0)
FORBIDDEN = Freshness(State.FORBIDDEN, 5.0, "no")
NOW = "2026-01-10T12:00:00Z"


class Joined:
    """The host and `m1`, both answering and with every kind of `join` served; it is noon of the tests' day."""

    def __init__(self, join: Join, *members: str) -> None:
        self.join = join
        self.store = Store()
        self.now = unix(NOW)
        self.seen = Seen(self.store, lambda: self.now, lambda *_place: ())
        self.seen.members = {HOST: Member(HOST, "Host")}
        self.state(HOST, LIVE)
        for kind in join.host:
            self.state(HOST, LIVE, kind)
        for name in members or ("m1",):
            self.seen.members = {**self.seen.members, name: Member(name, "AttachedCluster", "apps", name)}
            self.state(name, LIVE)
            for kind in join.members:
                self.state(name, LIVE, kind)

    def state(self, cluster: str, freshness: Freshness, kind: AnyKind | None = None) -> None:
        self.store.set_freshness(cluster, kind.id if kind is not None else "", freshness)
        self.seen.changed(cluster)
        self.seen.shared_changed()

    def put(self, kind: AnyKind, obj: Object, cluster: str = "m1") -> None:
        row = RowDecoder(kind, cluster).row(json.dumps(obj).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.changed(cluster)
        self.seen.shared_changed()

    def delete(self, kind: AnyKind, uid: str, cluster: str = "m1") -> None:
        self.store.put(kind.id, cluster, {uid: None})
        self.seen.changed(cluster)
        self.seen.shared_changed()

    def rows(self, cluster: str = "m1") -> list[Any]:
        """The rows of `cluster`, each of the join's kind and with a uid of its own."""
        self.seen.begin(cluster)
        found = list(self.join.rows(self.seen, cluster))
        assert all(isinstance(row, self.join.kind.row) and row.cluster == cluster for row in found)
        assert len({row.uid for row in found}) == len(found)
        return found

    def by_name(self, cluster: str = "m1") -> dict[str, Any]:
        return {row.name: row for row in self.rows(cluster)}

    def row(self, cluster: str = "m1") -> Any:
        (row,) = self.rows(cluster)
        return row


def meta(name: str, namespace: str = "", **more: Any) -> Object:
    place = {"namespace": namespace} if namespace else {}
    uid = f"uid-{namespace}-{name}"
    return {"name": name, **place, "uid": uid, "creationTimestamp": "2026-01-01T00:00:00Z", **more}
