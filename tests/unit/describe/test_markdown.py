"""Hostile text in Markdown: it is shown, and does nothing."""

from __future__ import annotations

import pytest

from kurator_tui.describe.markdown import code, fenced, items, link, table


def test_text_stands_in_code() -> None:
    assert code("web-1") == "`web-1`"
    assert code("") == code("  ") == ""


@pytest.mark.parametrize(
    "text", ["a`b", "``", "`x`", "a```b``c", "[a](javascript:x)", "<img src=x>", "https://x.y"]
)
def test_nothing_ends_the_code_it_stands_in(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    inner = shown[len(fence) : -len(fence)]
    assert shown.endswith(fence)
    assert inner.strip(" ") == text
    assert fence not in inner


def test_what_acts_on_a_terminal_and_lines_are_replaced() -> None:
    assert code("a\x1b[31mred\nb\u202e") == "`a␛[31mred␊b\ufffd`"


def test_a_block_is_not_ended_by_its_text() -> None:
    assert fenced("a\n````\nb\x1b", "yaml") == "`````yaml\na\n````\nb␛\n`````"


def test_a_bar_does_not_make_a_cell() -> None:
    assert table(("a", "b"), [(code("x|y"), "1")]).splitlines()[2] == r"| `x\|y` | 1 |"


def test_links_lead_into_the_folder_only() -> None:
    assert link("Timeline", "timeline.md") == "[Timeline](timeline.md)"
    assert link("http://x", "a") == "[`http://x`](a)"
    assert link("a](http://x)", "objects/a b.yaml") == "[`a](http://x)`](objects/a%20b.yaml)"


def test_items() -> None:
    assert items(["a", "b"]) == "- a\n- b"
