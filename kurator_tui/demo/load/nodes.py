"""Nodes made for load: heartbeats, and now and then one that is not ready. As `pods`, byte templates made once."""

import random
from functools import cache
from typing import Any, NamedTuple

from kurator_tui.demo.load.templates import Template, managed_fields
from kurator_tui.demo.world.nodes import NodePool, conditions, make_node

Obj = dict[str, Any]

READY = ("True", "False", "Unknown")
"""Status of the Ready condition by the `ready` of a state."""
_CHANGES, _RETURNS = 0.02, 0.5
"""How likely a heartbeat takes a node's readiness away, and gives it back."""


class NodeIdentity(NamedTuple):
    """What stays the same for a node's life, as bytes that stand in JSON."""

    name: bytes
    uid: bytes
    ip: bytes
    created: bytes


_FIELDS = (*NodeIdentity._fields, "ready", "since", "rv", "beat")
_NUMBERS = frozenset({"rv"})


class NodeState(NamedTuple):
    """One version of one node. `ready` is an index of `READY`, `since` its time, `beat` the last heartbeat's."""

    identity: NodeIdentity
    ready: int
    since: bytes
    rv: int
    beat: bytes

    @property
    def namespace(self) -> str:
        return ""

    @property
    def name(self) -> str:
        return self.identity.name.decode()

    def body(self) -> bytes:
        """The whole object."""
        return _template(self.ready).body((*self.identity, *self[1:]))

    def line(self, type: bytes) -> bytes:
        """The line of a watch event about this version."""
        return _template(self.ready).line((*self.identity, *self[1:], type))

    def item(self) -> bytes:
        """The object as an item of a list."""
        return _template(self.ready).item((*self.identity, *self[1:]))

    def digest_line(self, cluster: str) -> str:
        """What identifies this version for a digest, tab-separated."""
        return f"{cluster}\t{self.name}\t{self.identity.uid.decode()}\t{READY[self.ready]}"


def beaten(state: NodeState, rng: random.Random, rv: int, now: bytes) -> NodeState:
    """The node after another heartbeat."""
    identity, ready, since, _, _ = state
    if rng.random() < (_RETURNS if ready else _CHANGES):
        ready, since = (0 if ready else 1 + (rng.random() < 0.5)), now
    return NodeState(identity, ready, since, rv, now)


@cache
def _template(ready: int) -> Template:
    pool = NodePool("worker", 1, "worker", 16, 64, "m5.4xlarge", ("eu-west-1a",))
    node = make_node(pool, "@{name}", "v1.30.4", number=1, subnet="10.0.0", now="@{since}")
    node["status"]["addresses"][0]["address"] = "@{ip}"
    node["status"]["conditions"] = conditions("@{beat}", "@{since}", answering=READY[ready] != "Unknown")
    if READY[ready] == "False":
        node["status"]["conditions"][-1] |= {
            "status": "False",
            "reason": "KubeletNotReady",
            "message": "container runtime network not ready: cni plugin not initialized",
        }
    meta = {
        "name": "@{name}",
        "uid": "@{uid}",
        "resourceVersion": "@{rv}",
        "creationTimestamp": "@{created}",
        "labels": node["metadata"]["labels"],
        "annotations": node["metadata"]["annotations"],
    }
    meta["managedFields"] = [
        managed_fields("kubelet", {"metadata": {"labels": meta["labels"]}}),
        managed_fields("kubelet", {"status": node["status"]}, subresource="status"),
    ]
    made = {"kind": "Node", "apiVersion": "v1", "metadata": meta, "spec": node["spec"], "status": node["status"]}
    return Template(made, _FIELDS, _NUMBERS)
