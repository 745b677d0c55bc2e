"""Which findings an entry of the silence file means."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.silences import Silence


def holds(
    silence: Silence,
    code: str = "KT1001",
    cluster: str = "edge-east",
    of_cluster: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
) -> bool:
    return silence.holds(code, cluster, of_cluster or {}, labels or {})


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        (("KT1001",), True),
        (("KT10*",), True),
        (("KT100?",), True),
        (("KT11*",), False),
        (("KT11*", "KT1001"), True),
    ],
)
def test_a_code_is_meant_by_itself_or_by_a_pattern(codes: tuple[str, ...], meant: bool) -> None:
    assert holds(Silence(codes=codes)) is meant


def test_a_cluster_is_meant_by_its_name_or_a_label_of_its_object() -> None:
    assert holds(Silence(clusters=("edge-*",)))
    assert not holds(Silence(clusters=("prod-*",)))
    staging = Silence(clusters=("prod-*", "tier=stag*"))
    assert holds(staging, of_cluster={"tier": "staging"})
    assert not holds(staging, of_cluster={"tier": "prod"})


def test_labels_must_all_be_there() -> None:
    silence = Silence(labels={"app": "load-*", "team": "qa"})
    assert holds(silence, labels={"app": "load-test", "team": "qa", "more": "x"})
    assert not holds(silence, labels={"app": "load-test"})
    assert not holds(silence, labels={"app": "web", "team": "qa"})


def test_what_is_not_known_silences_nothing() -> None:
    assert not holds(Silence(clusters=("tier=*",)))
    assert not holds(Silence(labels={"app": "*"}))


def test_all_that_an_entry_says_must_hold() -> None:
    silence = Silence(codes=("KT10*",), clusters=("edge-*",), labels={"app": "web"})
    assert holds(silence, labels={"app": "web"})
    assert not holds(silence, code="KT1101", labels={"app": "web"})
    assert not holds(silence, cluster="prod", labels={"app": "web"})
    assert not holds(silence)


def test_a_reason_is_always_said() -> None:
    assert Silence(reason="load test").said == "load test"
    assert Silence().said
