"""`get` says so where its rows are not the whole truth."""

from __future__ import annotations

import json

import pytest

from kurator_tui.cli import run
from kurator_tui.cli.get import need_fleets, print_view
from kurator_tui.cli.options import Options
from kurator_tui.cli.run import Collected
from kurator_tui.errors import ApiError, ConsoleError, Forbidden, NotInstalled
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.digest import digest
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import View
from tests.ui.estate import pod


@pytest.mark.parametrize(
    ("state", "error"),
    [(State.ABSENT, NotInstalled), (State.FORBIDDEN, Forbidden), (State.UNREACHABLE, ApiError)],
)
def test_unknown_fleets_are_an_error_and_no_empty_table(state: State, error: type[ConsoleError]) -> None:
    with pytest.raises(error) as caught:
        need_fleets(Freshness(state, 1.0, "why"))
    assert "--members-from contexts" in caught.value.hint


@pytest.mark.parametrize("state", [State.LIVE, State.STALE])
def test_known_fleets_are_shown(state: State) -> None:
    need_fleets(Freshness(state, 1.0))


async def test_rows_that_are_not_complete_are_printed_with_a_word_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def collect(_options: Options, kinds: tuple[str, ...]) -> Collected:
        return Collected({kind: [] for kind in kinds}, {}, (), complete=False)

    monkeypatch.setattr(run, "collect", collect)
    assert await print_view(Options(), "clusters", "json") == '{\n  "items": []\n}\n'
    assert capsys.readouterr().err.startswith("Not complete: After 20 s some clusters were still syncing.\nhint: ")


async def test_alerts_that_nobody_could_tell_are_an_error_and_no_empty_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def collect(_options: Options, kinds: tuple[str, ...]) -> Collected:
        why = {("host", "alerts"): Freshness(State.UNREACHABLE, 1.0, "The host has no Thanos.")}
        return Collected({kind: [] for kind in kinds}, why, (), complete=True)

    monkeypatch.setattr(run, "collect", collect)
    with pytest.raises(ConsoleError, match="Nothing is known of alerts: The host has no Thanos"):
        await print_view(Options(), "alerts", "table")


@pytest.fixture
def some_pods(monkeypatch: pytest.MonkeyPatch) -> list[PodRow]:
    """Four pods that every `collect` finds, in no order."""
    rows: list[PodRow] = [
        pod("c2", "b", "x"),
        pod("c1", "a", "z"),
        pod("c1", "b", "x"),
        pod("c3", "a", "Y", restarts=5),
    ]

    async def collect(_options: Options, kinds: tuple[str, ...]) -> Collected:
        found: dict[str, list[Row]] = {kind: [] for kind in kinds}
        return Collected({**found, "pods": list(rows)}, {}, (), complete=True)

    monkeypatch.setattr(run, "collect", collect)
    return rows


async def test_rows_are_in_the_order_of_the_screen(some_pods: list[PodRow]) -> None:
    items = json.loads(await print_view(Options(), "pods", "json"))["items"]
    assert [(item["name"], item["cluster"]) for item in items] == [
        ("x", "c1"),
        ("x", "c2"),
        ("Y", "c3"),
        ("z", "c1"),
    ]
    screen = View(POD, POD.order)
    screen.load(some_pods)
    assert [(row.name, row.cluster) for row in screen] == [(item["name"], item["cluster"]) for item in items]


async def test_a_digest_is_a_count_and_a_hash_of_what_matches(some_pods: list[PodRow]) -> None:
    assert await print_view(Options(), "pods", "digest") == "{} {}\n".format(*digest(some_pods))
    restarted = await print_view(Options(), "pods", "digest", wanted=lambda row: row.name == "Y")
    assert restarted == "{} {}\n".format(*digest(some_pods[3:]))


async def test_wide_prints_the_columns_only_wide_mode_has(some_pods: list[PodRow]) -> None:
    assert "QOS" not in await print_view(Options(), "pods", "table")
    assert "QOS" in await print_view(Options(), "pods", "table", wide=True)
