"""A table keeps a bounded history and tells each watch what it is owed."""

from kurator_tui.demo.load.generator import Generator
from kurator_tui.demo.load.members import Member
from tests.unit.demo.load.worlds import settled


def made(count: int, *, history: int = 1000) -> tuple[Member, Generator]:
    member, generator = settled(nodes=0, history=history)
    generator.make(count)
    return member, generator


def test_changes_after_a_version_come_oldest_first() -> None:
    member, _ = made(50)
    start = member.pods.forgotten
    versions = [state.rv for _, state in member.pods.since(start, 100) or ()]
    assert versions == list(range(start + 1, start + 51))
    assert [state.rv for _, state in member.pods.since(start + 20, 5) or ()] == list(range(start + 21, start + 26))


def test_old_changes_are_forgotten_beyond_the_bound() -> None:
    member, generator = settled(nodes=0, history=100)
    start = member.rv
    for _ in range(100):
        generator.make(10)
    assert member.pods.since(start, 10) is None
    assert member.pods.forgotten > start
    kept = member.pods.since(member.pods.forgotten, 10_000)
    assert kept is not None
    assert 100 <= len(kept) <= 100 + 100 // 4 + 16
    assert kept[-1][1].rv == member.rv


def test_expired_history_is_gone_and_what_follows_is_kept() -> None:
    member, generator = made(10)
    before = member.rv
    generator_start = before - 5
    member.expire()
    assert member.pods.since(generator_start, 10) is None
    assert member.pods.since(before, 10) == []
    generator.make(3)
    assert len(member.pods.since(before, 10) or ()) == 3


def test_a_named_object_is_found_before_a_numbered_one() -> None:
    member, _ = made(0)
    state = member.pods.states()[3]
    assert member.pods.find(state.namespace, state.name) is state
    assert member.pods.find(state.namespace, "nobody") is None
    assert member.namespaces.find("", "shop") is not None
