"""Pages of codes: what people read of a rule."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.pods import POD
from kurator_tui.triage.pages import pages
from kurator_tui.triage.registry import codes, own
from kurator_tui.triage.rules import Again, Analyser, Look, Seen


def judge(_row: Row, _look: Look) -> Iterator[Seen | Again]:
    """It is so.

    Do this first.
    """
    yield Seen()


def analyser(kind: AnyKind, code: str) -> Analyser[Row]:
    found = Analyser[Row](kind)
    found.rule(code, "is so", Severity.LOW, suggests=("logs",))(judge)
    return found


def test_a_page_is_the_docstring_with_what_the_rule_says_of_itself() -> None:
    page = pages([analyser(POD, "XX0001")])["XX0001"]
    assert page.text == "It is so.\n\nDo this first."
    assert (page.title, page.severity, page.area, page.suggests) == ("is so", "low", "test_pages", ("logs",))


def test_a_code_that_judges_several_kinds_has_one_page_that_names_them() -> None:
    found = pages([analyser(POD, "XX0002"), analyser(NODE, "XX0001"), analyser(NODE, "XX0002")])
    assert {code: page.kinds for code, page in found.items()} == {
        "XX0001": ("nodes",),
        "XX0002": ("pods", "nodes"),
    }
    assert list(found) == ["XX0001", "XX0002"]


def test_every_code_of_this_package_has_a_page() -> None:
    assert pages(own()).keys() == codes().keys()
