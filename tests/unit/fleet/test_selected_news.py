"""Whatever the console takes and when: in the end it knows which pods are meant, and little waits until then."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.errors import Forbidden
from kurator_tui.fleet.selected_news import FEWEST, SLICE, News
from kurator_tui.kinds.base import Row
from kurator_tui.link.selections import Selection

LOST = Lost(Forbidden("no pods for you"), 1.0, True)


def pods(*uids: str, gone: bool = False) -> Changed:
    return Changed({uid: None if gone else Row("a", "d", uid, uid, 0.0) for uid in uids})


def drain(news: News, selection: Selection) -> int:
    """The console takes all; the number of messages."""
    taken = 0
    while messages := news.messages():
        for message in messages:
            assert len(message.added) + len(message.gone) <= SLICE
            selection.take(message)
        taken += len(messages)
    return taken


def listed(news: News, *uids: str, cluster: str = "a") -> None:
    for fact in (Began(), pods(*uids), Listed("1")):
        news.take(cluster, fact)


STEPS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 5)),
    st.tuples(st.just("drop"), st.integers(0, 5)),
    st.tuples(st.sampled_from(["list", "lose", "resume", "take", "tell all"]), st.just(0)),
)


@given(st.lists(STEPS, max_size=60))
def test_whatever_is_taken_when_the_console_ends_with_what_is_meant(steps: list[tuple[str, int]]) -> None:
    news, selection, meant = News(), Selection(), set[str]()
    listed(news)
    for step, number in steps:
        facts: list[Fact] = []
        if step == "put":
            meant.add(str(number))
            facts = [pods(str(number))]
        elif step == "drop":
            meant.discard(str(number))
            facts = [pods(str(number), gone=True)]
        elif step == "list":
            facts = [Began(), pods(*sorted(meant)), Listed("2")]
        elif step == "lose":
            facts = [LOST, Resumed()]
        elif step == "take":
            for message in news.messages():
                selection.take(message)
        else:
            drain(news, selection)
            assert selection.uids["a"] == meant
        for fact in facts:
            news.take("a", fact)
    drain(news, selection)
    assert selection.uids["a"] == meant
    assert selection.listed == {"a"}
    assert selection.errors == {}
    assert not len(news)


def test_a_list_that_is_not_complete_does_not_take_the_place_of_what_is_known() -> None:
    news, selection = News(), Selection()
    listed(news, "x", "y")
    drain(news, selection)
    news.take("a", Began())
    news.take("a", pods("y"))
    news.take("a", LOST)
    drain(news, selection)
    assert selection.uids["a"] == {"x", "y"}
    assert selection.errors == {"a": LOST.error.brief}
    listed(news, "y")
    drain(news, selection)
    assert selection.uids["a"] == {"y"}
    assert selection.errors == {}


def test_what_was_complete_before_it_was_lost_is_told_and_so_is_the_loss() -> None:
    news, selection = News(), Selection()
    listed(news, "x")
    news.take("a", LOST)
    drain(news, selection)
    assert selection.uids["a"] == {"x"}
    assert selection.errors == {"a": LOST.error.brief}


def test_pods_that_come_and_go_while_nobody_takes_anything_do_not_pile_up() -> None:
    news, selection = News(), Selection()
    listed(news, "stays")
    drain(news, selection)
    for number in range(20 * FEWEST):
        news.take("a", pods(f"p{number}"))
        news.take("a", pods(f"p{number}", gone=True))
        assert len(news) <= FEWEST
    assert drain(news, selection) <= 2 + FEWEST // SLICE
    assert selection.uids["a"] == {"stays"}
    assert selection.listed == {"a"}


def test_one_pod_that_changes_ten_thousand_times_is_told_once() -> None:
    news, selection = News(), Selection()
    listed(news)
    drain(news, selection)
    for _time in range(10_000):
        news.take("a", pods("x"))
    assert drain(news, selection) == 1


def test_many_pods_are_told_in_slices_and_small_clusters_in_between() -> None:
    news, selection = News(), Selection()
    listed(news, *(str(number) for number in range(5 * SLICE)))
    listed(news, "one", cluster="b")
    for _turn in range(2):
        for message in news.messages():
            selection.take(message)
    assert selection.uids["b"] == {"one"}
    drain(news, selection)
    assert len(selection.uids["a"]) == 5 * SLICE


def test_a_cluster_that_cannot_be_asked_says_why() -> None:
    news, selection = News(), Selection()
    news.fail("a", "it is no member")
    drain(news, selection)
    assert selection.errors == {"a": "it is no member"}
