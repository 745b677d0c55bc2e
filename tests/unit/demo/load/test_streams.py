"""A watch gets everything once and in order, however slowly it reads, or is told that it cannot."""

import itertools
import json
import random
from typing import Any

from kurator_tui.demo.load.streams import BOOKMARK, SLICE, Asked
from tests.unit.demo.load.worlds import Client, replayed, settled


def versions(events: list[dict[str, Any]]) -> list[int]:
    return [int(event["object"]["metadata"]["resourceVersion"]) for event in events]


def test_a_watch_from_a_version_gets_what_came_after_it() -> None:
    member, generator = settled(nodes=0)
    start = member.rv
    generator.make(10)
    client = Client()
    client.watch(member, member.pods, Asked(version=start + 4))
    generator.make(5)
    assert versions(client.events()) == list(range(start + 5, start + 16))


def test_initial_events_end_with_a_bookmark_and_changes_follow() -> None:
    member, generator = settled(pods=200, nodes=0)
    client = Client()
    client.watch(member, member.pods, Asked(initial=True, marked=True, bookmarks=True))
    generator.make(7)
    events = client.events()
    assert [event["type"] for event in events[:200]] == ["ADDED"] * 200
    assert events[200]["type"] == "BOOKMARK"
    metadata = events[200]["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert versions(events[201:]) == list(range(int(metadata["resourceVersion"]) + 1, member.rv + 1))


def test_changes_during_slow_initial_events_are_neither_lost_nor_repeated() -> None:
    member, generator = settled(pods=300, nodes=0)
    start = member.rv
    client = Client(patience=2)
    stream = client.watch(member, member.pods, Asked(initial=True, marked=True, bookmarks=True))
    generator.make(50)
    assert len(client.events()) == 2 * SLICE
    client.patience = None
    stream.resume()
    generator.make(5)
    events = client.events()
    assert [event["type"] for event in events[:301]] == ["ADDED"] * 300 + ["BOOKMARK"]
    assert max(versions(events[:301])) == start
    assert versions(events[301:]) == list(range(start + 1, start + 56))


def test_a_watch_that_pauses_at_random_ends_with_the_same_objects() -> None:
    member, generator = settled(pods=40, nodes=0)
    rng, client = random.Random(7), Client()
    stream = client.watch(member, member.pods, Asked(initial=True))
    for _ in range(300):
        match rng.randrange(4):
            case 0:
                stream.pause()
            case 1:
                stream.resume()
            case _:
                generator.make(rng.randrange(1, 5))
    stream.resume()
    held = replayed({}, client.events())
    assert {uid: int(obj["metadata"]["resourceVersion"]) for uid, obj in held.items()} == {
        json.loads(state.body())["metadata"]["uid"]: state.rv for state in member.pods.states()
    }
    following = versions(client.events())[40:]
    assert following == sorted(set(following))


def test_a_version_too_old_is_an_error_event_then_the_end() -> None:
    member, generator = settled(nodes=0)
    start = member.rv
    generator.make(5)
    member.expire()
    client = Client()
    client.watch(member, member.pods, Asked(version=start))
    assert client.received.endswith(b"0\r\n\r\n")
    client.received = client.received.removesuffix(b"0\r\n\r\n")
    (event,) = client.events()
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert client.ended == 1
    assert not member.pods.followers


def test_a_watch_that_falls_out_of_the_history_is_cut() -> None:
    member, generator = settled(nodes=0, history=50)
    client = Client()
    stream = client.watch(member, member.pods, Asked(version=member.rv))
    stream.pause()
    for _ in range(20):
        generator.make(10)
    stream.housekeep(1.0)
    assert client.aborted
    assert client.received == b""
    assert not member.pods.followers


def test_a_version_of_the_future_is_silent_until_it_comes() -> None:
    member, generator = settled(nodes=0)
    client = Client()
    client.watch(member, member.pods, Asked(version=member.rv + 10))
    generator.make(8)
    assert client.events() == []
    generator.make(5)
    assert versions(client.events()) == [member.rv - 2, member.rv - 1, member.rv]


def test_only_the_namespace_asked_for() -> None:
    member, generator = settled(pods=50, nodes=0)
    client = Client()
    client.watch(member, member.pods, Asked(namespace="shop", initial=True))
    generator.make(200)
    seen = {event["object"]["metadata"]["namespace"] for event in client.events()}
    assert seen == {"shop"}
    changed = sum(state.namespace == "shop" for _, state in member.pods.since(member.pods.forgotten, 999) or ())
    assert len(client.events()) == 10 + changed


def test_bookmarks_come_each_minute_to_who_asked() -> None:
    member, _ = settled(nodes=2)
    asking, other = Client(), Client()
    streams = [
        asking.watch(member, member.nodes, Asked(version=member.rv, bookmarks=True)),
        other.watch(member, member.nodes, Asked(version=member.rv)),
    ]
    for now, stream in itertools.product((1.0, BOOKMARK + 1, BOOKMARK + 2), streams):
        stream.housekeep(now)
    (event,) = asking.events()
    assert (event["type"], event["object"]["kind"]) == ("BOOKMARK", "Node")
    assert versions([event]) == [member.rv]
    assert other.received == b""


def test_a_watch_ends_when_its_time_is_up() -> None:
    member, _ = settled()
    client = Client()
    stream = client.watch(member, member.pods, Asked(version=member.rv, seconds=30))
    stream.housekeep(29.0)
    assert not client.ended
    stream.housekeep(30.0)
    assert (client.received, client.ended, client.closed) == (b"0\r\n\r\n", 1, False)


def test_a_cut_write_ends_in_the_middle_of_a_line() -> None:
    member, generator = settled(nodes=0)
    client = Client()
    stream = client.watch(member, member.pods, Asked(version=member.rv))
    stream.cut = True
    generator.make(1)
    assert client.closed
    assert client.received
    assert b"\n" not in client.received.partition(b"\r\n")[2]
    generator.make(1)
    assert not member.pods.followers


def test_written_means_taken_by_the_connection() -> None:
    member, _ = settled()
    client = Client()
    stream = client.watch(member, member.pods, Asked(version=member.rv))
    assert stream.written
    client.waiting = 1
    assert not stream.written
