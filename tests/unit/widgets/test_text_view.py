"""Long lines are folded whole, and what changed is found without comparing everything."""

from __future__ import annotations

from kurator_tui.screens.reading_lines import changes
from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.palette import MUTED, PLAIN, Piece, text_of
from kurator_tui.widgets.text_view import TextLine, fold


def lines(*texts: str) -> list[TextLine]:
    return [TextLine((Piece(text),)) for text in texts]


def test_a_line_is_folded_behind_spaces_and_indented() -> None:
    line = TextLine((Piece("label  ", MUTED), Piece("one two three four", PLAIN)), 7)
    assert [text_of(row).rstrip() for row in fold(line, 16)] == ["label  one two", "       three", "       four"]


def test_a_word_without_spaces_is_cut_and_nothing_is_lost() -> None:
    for text in ("x" * 50, "名前" * 20, "a " + "y" * 40):
        rows = fold(TextLine((Piece(text),), 2), 11)
        assert all(cells(text_of(row)) <= 11 for row in rows)
        assert "".join(text_of(row).strip() for row in rows).replace(" ", "") == text.replace(" ", "")


def test_lines_that_came_are_marked_and_the_cursor_moves_along() -> None:
    old, new = lines("a", "b", "c", "d"), lines("a", "new", "b", "c", "D")
    assert changes(old, new, 2) == (frozenset({1, 4}), 3)
    assert changes(old, old, 2) == (frozenset(), 2)
    assert changes(old, [], 2) == (frozenset(), 0)


def test_texts_that_have_nothing_in_common_are_not_compared_line_by_line() -> None:
    old, new = lines(*(f"a{at}" for at in range(3000))), lines(*(f"b{at}" for at in range(3000)))
    marked, cursor = changes(old, new, 2999)
    assert len(marked) == 3000
    assert cursor == 2999
