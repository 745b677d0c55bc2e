"""What may follow `:scope`."""

from __future__ import annotations

import pytest

from kurator_tui.screens.scoping import UnknownCluster, pick

KNOWN = ("prod-eu", "prod-us", "Edge-1", "host")


@pytest.mark.parametrize(
    ("words", "picked"),
    [
        ("all", set()),
        ("ALL", set()),
        ("prod-eu all", set()),
        ("host", {"host"}),
        ("prod-*", {"prod-eu", "prod-us"}),
        ("edge-1,HOST", {"Edge-1", "host"}),
        (" prod-eu   prod-eu ", {"prod-eu"}),
    ],
)
def test_names_and_patterns(words: str, picked: set[str]) -> None:
    assert pick(words, KNOWN) == picked


def test_a_cluster_may_be_called_all() -> None:
    assert pick("all", (*KNOWN, "all")) == {"all"}


def test_an_unknown_name_is_said_with_those_there_are() -> None:
    with pytest.raises(
        UnknownCluster, match="no cluster is called 'x'; there are: Edge-1, host, prod-eu, prod-us"
    ):
        pick("host x", KNOWN)
