"""A form takes what is typed in its order; one that is too tall shows the line that is typed in."""

from __future__ import annotations

from textual.app import App

from kurator_tui.widgets.form import Field, FormDialog
from tests.unit.widgets.support import type_at_once


async def test_what_is_typed_in_one_burst_is_taken_whole_and_in_order() -> None:
    app: App[None] = App()
    answers: list[dict[str, str] | None] = []
    async with app.run_test() as pilot:
        fields = [Field("waves", "Waves", "1, 25%, 100%"), Field("soak", "Watch for", "60s"), Field("why", "Why")]
        await app.push_screen(FormDialog("Waves", "", fields), answers.append)
        await pilot.pause()
        await type_at_once(pilot, *["backspace"] * 12, *"12", "tab", *["backspace"] * 3, "down", *"yes", "enter")
    assert answers == [{"waves": "12", "soak": "", "why": "yes"}]


async def test_a_line_below_the_end_of_the_screen_comes_into_view_when_it_is_reached() -> None:
    app: App[None] = App()
    answers: list[dict[str, str] | None] = []
    async with app.run_test(size=(60, 14)) as pilot:
        dialog = FormDialog("Make", "", [Field(f"f{n}", f"Field {n}") for n in range(20)])
        await app.push_screen(dialog, answers.append)
        await pilot.press(*["down"] * 19)
        await pilot.pause()
        focused = app.focused
        assert focused is not None
        assert 0 < focused.region.y < 14
        assert dialog.region.contains_region(focused.region)
        await pilot.press("x", "enter")
        await pilot.pause()
    assert answers[0] is not None
    assert answers[0]["f19"] == "x"
