"""Rendered nodes say what the digest says of them, and seldom change their readiness."""

import json
import random

import pytest

from kurator_tui.demo.load.nodes import READY, NodeIdentity, NodeState, beaten
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.store.digest import line

IDENTITY = NodeIdentity(b"m0001-node-001", b"6a2b", b"172.16.0.2", b"2026-11-01T00:00:00Z")
BEAT = b"2026-11-20T10:00:00Z"


@pytest.mark.parametrize("ready", range(len(READY)))
def test_the_console_reads_what_the_digest_says(ready: int) -> None:
    state = NodeState(IDENTITY, ready, b"2026-11-10T00:00:00Z", 17, BEAT)
    row = RowDecoder(NODE, "m0001").row(state.body())
    assert line(row) == state.digest_line("m0001")
    assert (row.ready, row.internal_ip, row.cpu_allocatable) == (READY[ready], "172.16.0.2", 15920)


def test_body_item_and_line_are_the_same_object() -> None:
    state = NodeState(IDENTITY, 0, BEAT, 17, BEAT)
    body = json.loads(state.body())
    assert body == {"kind": "Node", "apiVersion": "v1", **json.loads(state.item())}
    assert json.loads(state.line(b"ADDED")) == {"type": "ADDED", "object": body}


def test_heartbeats_move_the_heartbeat_and_seldom_readiness() -> None:
    rng, state = random.Random(1), NodeState(IDENTITY, 0, b"then", 1, b"then")
    changes = 0
    for version in range(2, 1002):
        new = beaten(state, rng, version, b"now")
        changes += new.ready != state.ready
        assert (new.rv, new.beat) == (version, b"now")
        state = new
    assert 0 < changes < 100
