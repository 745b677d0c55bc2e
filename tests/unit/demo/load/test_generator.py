"""What changes: the right mix, versions that only grow, and a population that stays what it was."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from kurator_tui.demo.load.digests import digest, of_members
from kurator_tui.demo.load.generator import Generator
from kurator_tui.demo.load.streams import Asked
from kurator_tui.demo.load.tables import Table
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD
from kurator_tui.store.digest import digest as digest_of_rows
from tests.unit.demo.load.worlds import Client, replayed, settled


def test_the_mix_is_mostly_pod_updates() -> None:
    member, generator = settled(pods=500, nodes=50, history=20_000)
    generator.make(10_000)
    pods = Counter(type for type, _ in member.pods.since(member.pods.forgotten, 20_000) or ())
    beats = len(member.nodes.since(member.nodes.forgotten, 20_000) or ())
    assert pods[b"MODIFIED"] > 9_200
    assert 200 < beats < 400
    assert 100 < pods[b"ADDED"] + pods[b"DELETED"] < 400
    assert generator.sent == 10_000 == sum(pods.values()) + beats


def test_versions_grow_by_one_over_all_kinds() -> None:
    member, generator = settled(pods=50, nodes=5)
    start = member.rv
    generator.make(500)
    seen = [state.rv for table in (member.pods, member.nodes) for _, state in table.since(start, 999) or ()]
    assert sorted(seen) == list(range(start + 1, start + 501))


def test_the_population_stays() -> None:
    member, generator = settled(pods=400, nodes=0, history=50)
    for _ in range(200):
        generator.make(100)
    assert 380 <= len(member.pods.states()) <= 400
    assert len(member.pods.slots) == 400
    assert sorted(member.pods.vacant) == [slot for slot, pod in enumerate(member.pods.slots) if pod is None]
    uids = [state.digest_line("").split("\t")[3] for state in member.pods.states()]
    assert len(set(uids)) == len(uids)


def test_most_pods_stay_up_however_long_it_goes() -> None:
    member, generator = settled(pods=400, nodes=0, history=50)
    for _ in range(100):
        generator.make(100)
    words = Counter(state.digest_line("c").split("\t")[4] for state in member.pods.states())
    assert words["Running"] > 0.7 * sum(words.values())
    assert len(words) > 4


@pytest.mark.parametrize("seed", range(5))
def test_who_reads_list_and_watch_ends_with_the_digest(seed: int) -> None:
    member, generator = settled(pods=60, nodes=8, seed=seed)
    kinds: tuple[tuple[AnyKind, Table], ...] = ((POD, member.pods), (NODE, member.nodes))
    clients = [Client() for _ in kinds]
    for client, (_, table) in zip(clients, kinds, strict=True):
        client.watch(member, table, Asked(initial=True))
    generator.make(2_000)
    for client, (kind, table) in zip(clients, kinds, strict=True):
        decoder: RowDecoder[Any, Any] = RowDecoder(kind, member.name)
        held = replayed({}, client.events()).values()
        count, hexed = digest_of_rows(decoder.row(json.dumps(obj).encode()) for obj in held)
        assert of_members([member])[table.resource.plural] == {"count": count, "digest": hexed}


def test_the_same_seed_makes_the_same_events() -> None:
    (one, first), (other, second) = settled(seed=3), settled(seed=3)
    first.make(300)
    second.make(300)
    assert of_members([one]) == of_members([other])
    assert of_members([one]) != of_members([settled(seed=4)[0]])


def test_nothing_to_change_is_no_event() -> None:
    _, generator = settled(pods=0, nodes=0)
    generator.make(100)
    assert generator.sent == 0


async def test_a_burst_makes_exactly_what_was_asked() -> None:
    member, generator = settled(pods=50, nodes=0)
    start = member.rv
    await generator.burst(1_234)
    assert (generator.sent, member.rv) == (1_234, start + 1_234)


async def test_a_burst_ends_with_the_generator() -> None:
    _, generator = settled(pods=50, nodes=0)
    generator.set_rate(1_000)
    burst = asyncio.create_task(generator.burst(1_000_000))
    await asyncio.sleep(0)
    generator.stop()
    assert 0 < await burst == generator.sent < 10_000
    assert not generator.ticking


async def test_a_rate_of_nothing_keeps_no_timer() -> None:
    _, generator = settled()
    generator.set_rate(1_000)
    assert generator.ticking
    generator.set_rate(0)
    assert not generator.ticking


async def test_what_is_due_is_made_and_long_debts_are_not() -> None:
    _, generator = settled(pods=50, nodes=0)
    time = 0.0
    paced = Generator(generator.sources, 1, wall=lambda: 0.0, now=lambda: time)
    paced.set_rate(1_000)
    for time in (0.01, 0.02, 0.0305):  # noqa: B007 - read by the generator's clock
        paced.tick()
    assert paced.sent == 30
    time = 60.0
    paced.tick()
    assert paced.sent == 530
    paced.set_rate(0)


def test_a_digest_is_of_the_set_of_lines() -> None:
    assert digest(["b", "a"]) == digest(["a", "b"])
    assert digest([])["count"] == 0
    assert digest(["a\tb"]) != digest(["a", "b"])
