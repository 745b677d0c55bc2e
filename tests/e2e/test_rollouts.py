"""The release board as a user has it: the demo's release is watched without touching a key, then one is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.e2e.console import Console, console

APPLICATION, BAD, GOOD = "webapp", "on-prem", ("pre-cloud", "prod-cloud")
PATIENCE = 180.0
"""Seconds for all of it: it takes some 100, ten of them between two looks at the canary."""
TOLD = ("wants ≥ 99% ok", "wants ≤ 500ms bad", "where the engine looks", "histogram_quantile", "Rolling back")
STORY = ("New revision detected", "advancement request duration", "canary weight 30")
CLIMB = [f"{weight}%" for weight in (10, 20, 30, 40, 50)]


@dataclass
class Release:
    """What one run of the scenario showed: the application's cell on each member, the board, the detail."""

    cells: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in (BAD, *GOOD)})
    board: str = ""
    detail: str = ""
    story: str = ""
    """The end of the detail."""
    earlier: str = ""

    def look(self, screen: str) -> None:
        """Note what is new in the cells."""
        for name, seen in self.cells.items():
            said = cell(screen, APPLICATION, name)
            if said and seen[-1:] != [said]:
                seen.append(said)

    def weights(self, name: str) -> list[str]:
        """The weights of its analysis on a member, in order."""
        shown = [word for said in self.cells[name] for word in said.split() if word.strip("◐▲✖●") in CLIMB]
        return list(dict.fromkeys(word.strip("◐▲✖●") for word in shown))

    @property
    def over(self) -> bool:
        """Whether it ended on all members."""
        ends = [self.cells[name][-1:] for name in GOOD]
        return all(end == ["done"] for end in ends) and "failed" in "".join(self.cells[BAD][-1:])


def cell(screen: str, row: str, column: str) -> str:
    """The text under the title `column` in the line of `row`; "" where there is none."""
    lines = screen.splitlines()
    head = next((line for line in lines if "APPLICATION" in line and column.upper() in line), "")
    line = next((line for line in lines if line[3:].startswith(f"{row} ")), "")
    if not head or not line:
        return ""
    start = head.index(column.upper())
    rest = head[start + len(column) :]
    end = start + len(column) + len(rest) - len(rest.lstrip())
    return line[start:end].strip()


def plain(screen: str) -> str:
    """The words of a screen, one space apart."""
    return " ".join(screen.split())


def watch(running: Console, release: Release) -> None:
    """Read until the release is over everywhere."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not release.over:
        assert running.read(), f"the console ended:\n{running.screen()}"
        release.look(running.screen())
    release.board = running.screen()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """One run for all tests: `4`, and nothing else until the release is over; then the application is opened."""
    found, own = Release(), {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}
    with console("demo", "--scenario", "release", size=(200, 80), env=own) as running:
        running.shows("1 Fleets")
        running.press("4")
        watch(running, found)
        running.press(f"/name:{APPLICATION}\r")
        running.until(
            lambda screen: f"─ filter name:{APPLICATION} " in screen and "frontend" not in screen, "it alone"
        )
        running.press("\r")
        found.detail = running.until(
            lambda screen: all(text in plain(screen) for text in TOLD), "the whole detail"
        )
        running.press("\tG")
        found.story = running.until(lambda screen: all(text in screen for text in STORY), "the whole story")
        running.press("{")
        found.earlier = running.shows("AS IT WAS")
        yield found


@pytest.mark.parametrize("member", GOOD)
def test_the_canary_climbs_and_is_done_on_two_members(release: Release, member: str) -> None:
    assert release.weights(member) == CLIMB, release.cells
    assert release.cells[member][-1] == "done", release.board


def test_it_fails_its_latency_gate_on_the_third_member_and_is_rolled_back_there(release: Release) -> None:
    weights = release.weights(BAD)
    assert weights == CLIMB[: len(weights)], release.cells
    assert 0 < len(weights) < len(CLIMB)
    checks = [said.split()[-1] for said in release.cells[BAD] if "/3" in said]
    assert list(dict.fromkeys(checks)) == ["0/3", "1/3", "2/3", "3/3"]
    assert "failed" in release.cells[BAD][-1]
    assert "2/3" in cell(release.board, APPLICATION, "done")
    assert f"{BAD}: request duration" in release.board


def test_the_detail_shows_each_gate_with_its_values(release: Release) -> None:
    for gate in ("request-success-rate", "request-duration"):
        assert f"Gate {gate}" in release.detail
    assert "wants ≥ 99% ok" in plain(release.detail), release.detail
    assert "wants ≤ 500ms bad" in plain(release.detail), release.detail
    assert "where the engine looks" in release.detail
    assert "histogram_quantile" in release.detail


def test_the_detail_shows_what_happened_and_how_it_was(release: Release) -> None:
    for member in (BAD, *GOOD):
        assert member in release.detail
    assert "advancement request duration" in release.story
    for weight in (10, 20, 30):
        assert f"canary weight {weight}" in release.story
    assert "AS IT WAS at" in release.earlier
