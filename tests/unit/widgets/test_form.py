"""A form that is taller than the terminal shows the line that is typed in."""

from __future__ import annotations

from textual.app import App

from kurator_tui.widgets.form import Field, FormDialog


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
