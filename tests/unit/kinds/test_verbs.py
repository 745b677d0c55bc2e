"""The registry of verbs: complete, consistent, and offered to the right kinds."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.plans import stage
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.verbs import VERBS, Risk, Verb, verbs_of


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.id)
def test_a_verb_names_kinds_that_exist_and_says_how_it_is_undone(verb: Verb) -> None:
    assert all(kind in KINDS for kind in verb.kinds)
    assert verb.patch
    assert verb.owner
    assert verb.undo
    names = [parameter.name for parameter in verb.parameters]
    assert len(names) == len(set(names))
    for parameter in verb.parameters:
        assert not parameter.choices or parameter.required or parameter.default in parameter.choices


def test_a_deployment_is_offered_its_own_verbs_before_those_of_any_object() -> None:
    offered = [verb.id for verb in verbs_of("deployments.apps")]
    assert offered.index("restart") < offered.index("delete")
    assert "restart" not in [verb.id for verb in verbs_of("configmaps")]


def test_a_protected_cluster_raises_the_risk_by_one() -> None:
    assert [risk.raised() for risk in Risk] == [Risk.DISRUPTIVE, Risk.DESTRUCTIVE, Risk.DESTRUCTIVE]


def test_waves_are_numbers_or_percentages_and_the_last_one_repeats() -> None:
    six = ["a", "b", "c", "d", "e", "f"]
    assert stage(six, ["1", "50%"]) == (("a",), ("b", "c", "d"), ("e", "f"))
    assert stage(six, ["2"]) == (("a", "b"), ("c", "d"), ("e", "f"))
    assert stage(six, []) == (tuple(six),)
    assert stage([], ["1"]) == ()
    assert stage(["a", "b", "c"], ["1%"]) == (("a",), ("b",), ("c",))


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "", "0%", "1.5"])
def test_a_wave_that_is_no_number_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        stage(["a"], [wrong])
