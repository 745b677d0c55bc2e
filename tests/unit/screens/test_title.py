"""The line above a table."""

from __future__ import annotations

from kurator_tui.screens.title import Title, title_text
from kurator_tui.widgets.palette import text_of


def test_it_says_how_much_of_how_much_and_why() -> None:
    title = Title("Clusters", 2, 7, filter="edge", faults_only=True, wide=True, column="NODES")
    text = text_of(title_text(title, 80))
    assert text.startswith("─ Clusters 2 of 7 ─ filter edge ─ faults only ─ wide ─ column NODES ─")
    assert len(text) == 80


def test_it_is_one_number_while_everything_is_shown() -> None:
    assert text_of(title_text(Title("Clusters", 7, 7, ascii_only=True), 20)) == "- Clusters 7 -------"


def test_it_fits_any_width() -> None:
    for width in range(40):
        assert len(text_of(title_text(Title("Clusters", 2, 7, filter="edge"), width))) == width
