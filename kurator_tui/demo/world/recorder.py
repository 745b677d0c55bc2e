"""Kubernetes Events: recorded with counts, as kubectl describe shows them, and expired after a while."""

from typing import Any

from kurator_tui.demo.world.cluster import SimCluster

Obj = dict[str, Any]

#: World seconds an Event lives after its last occurrence (a real server: one hour).
LIFETIME = 900.0


class Recorder:
    """Writes the Events of one cluster; the same reason and message about the same object counts up one Event."""

    def __init__(self, cluster: SimCluster) -> None:
        self._cluster = cluster
        self._known: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._last: dict[tuple[str, str], tuple[float, tuple[str, str, str]]] = {}
        for event in cluster.all_of("events"):
            self._adopt(event)
        cluster.timeline.every(30.0, self.expire)

    def _adopt(self, event: Obj) -> None:
        """Events from before count on, and expire like others."""
        meta, about = event["metadata"], event.get("involvedObject") or {}
        key, place = (str(about.get("uid")), str(event.get("reason")), str(event.get("message"))), _place(meta)
        self._known[key] = place
        self._last[place] = (self._cluster.clock.elapsed, key)

    def __call__(
        self, obj: Obj, reason: str, message: str, *, source: str, kind: str = "Normal", host: str = ""
    ) -> None:
        """Record that `reason` happened to `obj`; `kind` is Normal or Warning, `host` the node that says so."""
        meta = obj["metadata"]
        cluster = self._cluster
        key = (str(meta.get("uid")), reason, message)
        now = cluster.clock.stamp()
        place = self._known.get(key)
        if place is not None and cluster.find("events", *place):
            cluster.modify("events", *place, lambda event: _again(event, now))
        else:
            namespace = meta.get("namespace") or "default"
            name = f"{meta['name']}.{cluster.rng.getrandbits(64):016x}"
            place = (namespace, name)
            made = make_event(obj, name, reason, message, kind=kind, source=source, host=host, now=now)
            cluster.create("events", made)
        self._known[key] = place
        self._last[place] = (cluster.clock.elapsed, key)

    def expire(self) -> None:
        """Remove Events that did not happen again within their lifetime."""
        limit = self._cluster.clock.elapsed - LIFETIME
        for place, (last, key) in tuple(self._last.items()):
            if last <= limit:
                self._cluster.remove("events", *place)
                del self._last[place]
                self._known.pop(key, None)


def _place(meta: Obj) -> tuple[str, str]:
    return (str(meta.get("namespace", "")), str(meta["name"]))


def _again(event: Obj, now: str) -> None:
    event["count"] = int(event.get("count") or 1) + 1
    event["lastTimestamp"] = now


def make_event(
    obj: Obj, name: str, reason: str, message: str, *, kind: str, source: str, host: str, now: str, count: int = 1
) -> Obj:
    """An Event about `obj`; `host` is the node that says so, '' for none."""
    meta = obj["metadata"]
    about: Obj = {
        "kind": obj["kind"],
        "name": meta["name"],
        "uid": meta.get("uid"),
        "apiVersion": obj["apiVersion"],
    }
    if meta.get("namespace"):
        about["namespace"] = meta["namespace"]
    about["resourceVersion"] = meta.get("resourceVersion")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": meta.get("namespace") or "default"},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "source": {"component": source, **({"host": host} if host else {})},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": count,
        "type": kind,
        "eventTime": None,
        "reportingComponent": source,
        "reportingInstance": host,
    }
