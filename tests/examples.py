"""How many examples a property is tried with: few, and the same ones, in each run; many where new are sought."""

from __future__ import annotations

import os

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
MORE = 10
"""`make explore` tries so many times as many."""


def examples(few: int) -> int:
    """`max_examples` of a property: `few` prove it in each run."""
    return few * MORE if EXPLORING else few
