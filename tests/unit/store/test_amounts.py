"""Amounts as users write them."""

from __future__ import annotations

from kurator_tui.store.amounts import natural


def test_texts_are_ordered_as_people_do() -> None:
    assert natural("v1.9") < natural("v1.10")


def test_endless_digits_are_ordered_without_an_error() -> None:
    assert natural("v1.9") < natural("v1." + "9" * 5000)
