"""The page on pitfalls and known issues names what is found, and what is found is named there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kurator_tui.triage.registry import codes

PAGE = (Path(__file__).parents[3] / "docs" / "triage.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(1, 23))
def test_every_pitfall_has_a_row_that_names_its_code_or_says_why_there_is_none(number: int) -> None:
    (row,) = re.findall(rf"^\| K{number} \|[^|]+\|([^|]+)\|$", PAGE, re.MULTILINE)
    own = f"KT50{number:02}"
    assert (own in row) is (own in codes())
    assert own in row or len(row) > 40


def test_all_codes_on_the_page_exist() -> None:
    named = set(re.findall(r"KT\d{4}", PAGE))
    assert named <= codes().keys()
    assert {code for code in codes() if code.startswith(("KT50", "KT51"))} <= named
