"""Kinds that are named only to say that nobody watches them."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.builtin import _PLURALS, unwatched
from kurator_tui.kinds.registry import find


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        ("svc", "services"),
        ("Secret", "secrets"),
        ("secrets", "secrets"),
        ("netpol", "networkpolicies"),
        ("NetworkPolicy", "networkpolicies"),
        ("ingress", "ingresses"),
        ("storageclass", "storageclasses"),
        ("endpoints", "endpoints"),
        ("gadgets", ""),
        ("pods", ""),
    ],
)
def test_a_word_of_kubectl_names_a_kind_that_is_not_watched(word: str, plural: str) -> None:
    assert unwatched(word) == plural


def test_no_word_is_one_of_a_kind_that_is_watched() -> None:
    assert [word for word in _PLURALS if find(word)] == []
