"""Fills members with pods, nodes and namespaces. The same seed makes the same objects, but for their times."""

import json
import random
from datetime import UTC, datetime

from kurator_tui.demo.load import pods
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.nodes import NodeIdentity, NodeState
from kurator_tui.demo.load.pods import WORKLOADS, Identity
from kurator_tui.demo.load.tables import Fixed

NAMESPACES = (b"shop", b"payments", b"data", b"observability", b"kube-system")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_DAYS = 30


def stamp(seconds: float) -> bytes:
    """RFC 3339 of seconds since 1970, whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def names(count: int) -> list[str]:
    """The members' names."""
    return [f"m{number:04d}" for number in range(1, count + 1)]


def share(total: int, parts: int, number: int) -> int:
    """What part `number` of `parts` gets of `total`."""
    return total * (number + 1) // parts - total * number // parts


class Settler:
    """Makes the identities of one member's objects. `number` is the member's, `now` in seconds since 1970."""

    def __init__(self, member: Member, number: int, rng: random.Random, now: float) -> None:
        self._member = member
        self._number = number
        self._rng = rng
        self._now = now
        self._nodes = 1

    def settle(self, pod_count: int, node_count: int) -> None:
        """Fill the member; nothing before this can be watched."""
        member, rng = self._member, self._rng
        self._nodes = max(node_count, 1)
        births = [stamp(self._now - rng.random() * _DAYS * 86400) for _ in range(min(pod_count, 64))]
        for namespace in (b"default", *NAMESPACES):
            member.rv += 1
            fixed = self._namespace(namespace.decode())
            member.namespaces.named["", fixed.name] = fixed
        for slot in range(node_count):
            member.rv += 1
            node = self._node(slot)
            member.nodes.slots.append(NodeState(node, 0, node.created, member.rv, stamp(self._now)))
        for slot in range(pod_count):
            member.rv += 1
            identity = self.pod(slot, births[int(rng.random() * len(births))])
            member.pods.slots.append(pods.first(identity, rng, member.rv))
        member.expire()

    def pod(self, slot: int, born: bytes) -> Identity:
        """A new pod's identity; each call makes another."""
        bits = self._rng.getrandbits(128)
        workload = slot % len(WORKLOADS)
        suffix = "".join(_ALPHABET[(bits >> shift) % len(_ALPHABET)] for shift in (8, 16, 24, 32, 40))
        number = self._number * 64 + slot // 250
        return Identity(
            NAMESPACES[slot // len(WORKLOADS) % len(NAMESPACES)],
            f"{WORKLOADS[workload].owner}-{suffix}{slot:x}".encode(),
            _uid(bits),
            self._node_name(slot % self._nodes),
            b"10.%d.%d.%d" % (number >> 8 & 255, number & 255, slot % 250 + 2),
            born,
            workload,
        )

    def _node(self, slot: int) -> NodeIdentity:
        born = stamp(self._now - self._rng.random() * _DAYS * 86400)
        address = b"172.%d.%d.%d" % (16 + (self._number >> 8), self._number & 255, slot % 250 + 2)
        return NodeIdentity(self._node_name(slot), _uid(self._rng.getrandbits(128)), address, born)

    def _node_name(self, slot: int) -> bytes:
        return f"{self._member.name}-node-{slot + 1:03d}".encode()

    def _namespace(self, name: str) -> Fixed:
        meta = {
            "name": name,
            "uid": _uid(self._rng.getrandbits(128)).decode(),
            "resourceVersion": str(self._member.rv),
            "creationTimestamp": stamp(self._now - _DAYS * 86400).decode(),
            "labels": {"kubernetes.io/metadata.name": name},
        }
        return fixed(
            {"kind": "Namespace", "apiVersion": "v1"},
            {"metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}},
        )


def _uid(bits: int) -> bytes:
    """A version 4 UUID of 128 random bits."""
    digits = b"%032x" % bits
    return b"%b-%b-4%b-a%b-%b" % (digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:])


def fixed(head: dict[str, str], rest: dict[str, object], told: str = "") -> Fixed:
    """An object that is exactly this; `head` are its kind and apiVersion."""
    meta = rest["metadata"]
    assert isinstance(meta, dict)
    bare = json.dumps(rest, separators=(",", ":")).encode()
    opening = json.dumps(head, separators=(",", ":")).encode()
    encoded = opening[:-1] + b"," + bare[1:]
    return Fixed(int(meta["resourceVersion"]), meta.get("namespace", ""), meta["name"], encoded, bare, told)
