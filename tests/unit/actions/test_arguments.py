"""Arguments of verbs are checked before anything is read."""

from __future__ import annotations

import pytest

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.registry import planners
from kurator_tui.actions.undo import VERB
from kurator_tui.errors import UsageError
from kurator_tui.kinds.arguments import checked
from kurator_tui.kinds.verbs import VERBS


def test_every_verb_can_be_planned() -> None:
    assert set(planners()) == set(VERBS) - {VERB}


@pytest.mark.parametrize("wrong", ["", "-1", "x", "1.5", "٣"])
def test_replicas_are_a_number(wrong: str) -> None:
    with pytest.raises(UsageError):
        checked(VERBS["scale"], {"replicas": wrong})


def test_defaults_are_filled_in_and_unknown_names_refused() -> None:
    assert checked(VERBS["delete"], {"force": "True"}) == {
        "propagation": "Background",
        "grace": "",
        "force": "yes",
    }
    with pytest.raises(UsageError, match="no parameter"):
        checked(VERBS["delete"], {"forse": "yes"})
    with pytest.raises(UsageError, match="Sideways"):
        checked(VERBS["delete"], {"propagation": "Sideways"})


def test_pairs_set_and_remove() -> None:
    assert pairs("a=1 b- c=x=y d=") == {"a": "1", "b": None, "c": "x=y", "d": ""}
    with pytest.raises(UsageError):
        checked(VERBS["label"], {"labels": "a"})
