"""A game day marks how long a player takes, and tells nothing before it was found."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.screens.game import Game

NOW = 1_800_000_000.0
TOLD = (
    {
        "scenario": "bad-image",
        "code": "KT1002",
        "of": "shop:v7",
        "clusters": ["eu", "us"],
        "began": NOW + 60,
        "due": NOW + 75,
    },
    {"scenario": "outage", "code": "KT2002", "of": "eu", "clusters": ["eu"], "began": NOW + 200, "due": NOW + 220},
    {
        "scenario": "release",
        "code": "KT2501",
        "of": "a/shop",
        "clusters": ["eu"],
        "began": NOW + 900,
        "due": NOW + 960,
    },
)


class Play:
    def __init__(self) -> None:
        self.now = NOW
        self.game = Game.of(TOLD)
        self.game._clock = lambda: self.now

    def at(self, second: float) -> Game:
        self.now = NOW + second
        return self.game


@pytest.fixture
def play() -> Play:
    return Play()


def incident(of: str, *clusters: str, state: str = "new") -> IncidentRow:
    return IncidentRow("host", "", f"image cannot be pulled: {of}", of, NOW, clusters=clusters, state=state)


def test_what_is_opened_is_marked_with_the_time_since_it_began_and_once_only(play: Play) -> None:
    play.at(75).look([incident("shop:v7", "eu")])
    play.at(90).look([incident("shop:v7", "eu")])
    assert play.at(102).open(incident("shop:v7", "eu", "us")) == "bad-image: found 42s after it began"
    assert play.at(103).open(incident("shop:v7", "eu", "us")) == ""
    assert play.at(104).lines() == [
        "game day: 1 of 1 found",
        "  bad-image  KT1002 shop:v7: noticed after 15s, cause after 42s",
    ]


def test_what_is_found_at_once_was_noticed_then(play: Play) -> None:
    play.at(160).open(incident("shop:v7", "us"))
    assert play.at(161).lines()[1].endswith("noticed after 1m40s, cause after 1m40s")


def test_another_incident_one_that_is_over_and_one_from_before_are_not_it(play: Play) -> None:
    assert play.at(59).open(incident("shop:v7", "eu")) == ""
    play.at(250).look([incident("shop:v6", "eu"), incident("shop:v7", "eu", state="resolved")])
    assert play.at(250).open(incident("shop:v6", "eu")) == ""
    assert play.at(250).open(incident("shop:v7", "asia")) == ""
    play.at(251).look([incident("eu", "eu")])
    assert play.at(260).lines() == [
        "game day: 0 of 2 found",
        "  bad-image  KT1002 shop:v7: not noticed",
        "  outage     KT2002 eu: noticed after 51s, cause not found",
    ]


def test_what_did_not_begin_is_not_told(play: Play) -> None:
    assert play.at(30).lines() == []
    assert play.at(74).lines() == [], "it began, and triage could not tell yet"
    assert not any("release" in line for line in play.at(800).lines())
