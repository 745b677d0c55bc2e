"""The command bar, the filter bar, help, menu, scope, quitting and fatal notices."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor, ReflowResult
from textual.geometry import Size
from textual.widget import Widget

from kurator_tui.config.settings import Settings
from kurator_tui.link.messages import Noticed
from tests.ui.driver import console
from tests.ui.estate import cluster, estate, workloads


async def test_commands_open_screens() -> None:
    async with console(estate()) as drive:
        await drive.command("clusters")
        assert drive.view() == "clusters"
        await drive.command("fl")
        assert drive.view() == "fleets"


async def test_enter_counts_in_a_bar_as_a_line_feed_too() -> None:
    """What is typed before the console owns the terminal arrives as the terminal's line feed."""
    async with console(estate()) as drive:
        await drive.press("command")
        await drive.type("clusters")
        await drive.press("ctrl+j")
        assert drive.view() == "clusters"


async def test_a_wrong_command_says_what_comes_near_and_stays() -> None:
    async with console(estate()) as drive:
        await drive.command("clustres")
        assert drive.view() == "fleets"
        (toast,) = drive.toasts()
        assert toast.startswith("there is no command and no kind 'clustres': did you mean :clusters or ")


async def test_tab_completes_commands_and_arguments() -> None:
    async with console(estate()) as drive:
        await drive.press("command")
        await drive.type("cl")
        await drive.press("tab", "enter")
        assert drive.view() == "clusters"
        await drive.press("command")
        await drive.type("theme high")
        await drive.press("tab", "enter")
        assert drive.app.theme == "high-contrast"


@pytest.mark.parametrize("name", ["kurator-light", "high-contrast", "colour-blind", "kurator-dark"])
async def test_themes_change_at_once(name: str) -> None:
    async with console(estate()) as drive:
        await drive.command(f"theme {name}")
        assert drive.app.theme == name
        assert drive.names() == ["production", "staging"]


async def test_an_unknown_theme_is_refused_and_the_old_one_stays() -> None:
    async with console(estate()) as drive:
        await drive.command("theme nonsense")
        assert "there is no theme 'nonsense'" in drive.toasts()[0]
        assert drive.app.theme == "kurator-dark"


async def test_a_bad_theme_in_the_settings_is_reported_on_the_screen() -> None:
    async with console(
        estate(), Settings(theme="nonsense"), problems=("keys.yaml: there is no action 'x'",)
    ) as drive:
        assert drive.app.theme == "kurator-dark"
        assert any("there is no theme" in toast for toast in drive.toasts())
        assert any("no action 'x'" in toast for toast in drive.toasts())


async def test_letters_typed_into_a_bar_are_no_actions() -> None:
    async with console(estate()) as drive:
        await drive.press("command")
        await drive.type("q2jm")
        assert drive.dialog() == ""
        assert drive.view() == "fleets"
        await drive.press("ctrl+z", "escape")
        assert "faults" not in drive.title()


async def test_a_filter_applies_while_it_is_typed_and_is_kept_with_enter() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("filter")
        await drive.type("edge")
        assert drive.names() == ["edge-cold-chain", "edge-east"]
        await drive.press("enter", "j")
        assert drive.selected() == "edge-east"
        assert "filter edge" in drive.title()
        assert "2 of 7" in drive.title()


async def test_escape_in_the_filter_bar_clears_the_filter() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("filter")
        await drive.type("edge")
        await drive.press("escape")
        assert len(drive.names()) == 7


async def test_a_bad_filter_is_explained_and_the_rows_stay() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("filter")
        await drive.type("/[/")
        assert len(drive.names()) == 7
        assert "/[/" in drive.screen()
        await drive.press("escape")
        await drive.command("filter nodes>many")
        assert drive.toasts()
        assert len(drive.names()) == 7


async def test_filters_follow_the_rows() -> None:
    source = estate()
    async with console(source, view="clusters") as drive:
        await drive.filter("health:failed")
        assert drive.names() == ["edge-cold-chain"]
        source.put(cluster("edge-cold-chain"))
        await drive.idle()
        assert drive.names() == []
        assert "nothing matches the filter" in drive.screen()


async def test_each_screen_has_its_own_filter() -> None:
    async with console(estate()) as drive:
        await drive.filter("staging")
        await drive.press("screen.clusters")
        assert len(drive.names()) == 7
        await drive.press("screen.fleets")
        assert drive.names() == ["staging"]


async def test_faults_only_shows_what_is_not_healthy() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("faults")
        assert drive.names() == ["edge-cold-chain", "edge-east", "on-prem"]


async def test_the_scope_limits_both_screens_and_the_tab_line_says_it() -> None:
    async with console(estate(), size=(160, 40)) as drive:
        await drive.press("scope.clusters")
        assert drive.dialog() == "Picker"
        await drive.type("pre-")
        await drive.press("space", "enter")
        assert "scope: pre-cloud" in drive.tabs()
        assert drive.names() == ["staging"]
        await drive.press("screen.clusters")
        assert drive.names() == ["pre-cloud"]


async def test_the_scope_can_be_typed_and_is_counted_by_the_status_line() -> None:
    async with console(estate(), size=(160, 40)) as drive:
        await drive.command("scope edge-* prod-cloud")
        assert "1/3 members live in scope" in drive.status()
        assert "22 nodes" in drive.status()
        assert "figures are of whole fleets" in drive.title()
        await drive.command("clusters")
        assert drive.names() == ["edge-cold-chain", "edge-east", "prod-cloud"]
        await drive.command("scope nowhere")
        assert "no cluster is called 'nowhere'; there are: ai-cloud, " in drive.toasts()[0]
        assert len(drive.names()) == 3
        await drive.press("command")
        await drive.type("scope al")
        await drive.press("tab", "enter")
        assert len(drive.names()) == 7
        assert "scope: all clusters" in drive.tabs()
        assert "4/6 members live" in drive.status()
        assert "in scope" not in drive.status()


@pytest.mark.parametrize("size", [(80, 24), (160, 40)])
async def test_toasts_hide_neither_the_bar_nor_the_footer(size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as drive:
        await drive.command("nonsense")
        await drive.press("command")
        await drive.paste("clusters and a text that is as long as a line of this terminal is wide " * 2 + "wide")
        lines = drive.screen().splitlines()
        assert "'nonsense'" in drive.screen()
        assert lines[-2].rstrip().endswith("wide")
        assert "help" in lines[-1]


async def test_help_tells_keys_and_reasons() -> None:
    async with console(estate(), size=(120, 60)) as drive:
        await drive.press("help")
        text = drive.screen()
        assert "Keys of Fleets" in text
        assert "off: nothing is marked: Space marks a row" in text
        await drive.press("escape")
        assert drive.dialog() == ""


async def test_the_menu_lists_actions_with_reasons_and_does_them() -> None:
    source = estate()
    async with console(source) as drive:
        await drive.press("menu")
        assert "Fleets: production" in drive.screen()
        await drive.press("j", "j", "j", "enter")
        assert source.resyncs == [""]
        assert drive.dialog() == ""


async def test_the_menu_says_why_an_action_is_off() -> None:
    async with console(estate()) as drive:
        await drive.filter("nothing-like-this")
        await drive.press("menu")
        assert "(off: no row is selected)" in drive.screen()


async def test_the_menu_names_the_command_of_what_has_no_key_and_keeps_long_lines_in_their_column() -> None:
    async with console(workloads(), size=(80, 24)) as drive:
        await drive.command("pods")
        await drive.press("menu")
        lines = [line.partition("│")[2] for line in drive.screen().splitlines()]
        (at,) = [at for at, line in enumerate(lines) if "Describe the object" in line]
        column = lines[at].index("Describe the object")
        assert lines[at + 1][:column].strip() == ""
        assert "events " in lines[at + 1][column:]
        await drive.press("end")
        assert [line[1:column].strip() for line in lines if "Copy the name" in line] == ["c"]
        assert ":do evict  " in drive.screen()


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c"], ["colon", "q", "enter"]])
async def test_quitting_asks_first(keys: list[str]) -> None:
    async with console(estate()) as drive:
        await drive.press(*keys)
        assert drive.dialog() == "QuitDialog"
        await drive.press("n")
        assert drive.dialog() == ""
        await drive.press(*keys)
        await drive.press("y")
        assert drive.app.return_code == 0


async def test_ctrl_c_twice_ends_without_another_question() -> None:
    async with console(estate()) as drive:
        await drive.press("ctrl+c")
        await drive.press("ctrl+c")
        assert drive.app.return_code == 0


async def test_ctrl_c_asks_from_a_bar_and_from_a_panel() -> None:
    for opened in ("command", "filter", "help", "scope.clusters"):
        async with console(estate()) as drive:
            await drive.press(opened, "ctrl+c")
            assert drive.dialog() == "QuitDialog", opened


async def test_q_closes_the_details_before_it_asks() -> None:
    async with console(estate()) as drive:
        await drive.press("open", "q")
        assert not drive.detail()
        assert drive.dialog() == ""


async def test_a_signal_ends_with_its_exit_code() -> None:
    async with console(estate()) as drive:
        drive.app.terminate(15)
        assert drive.app.return_code == 143


async def test_a_fatal_notice_fills_the_screen_and_q_ends_with_its_code() -> None:
    source = estate()
    async with console(source) as drive:
        source.tell(
            Noticed("Kurator is not installed here", "no [b]CRDs[/b]", "try\nthis", fatal=True, exit_code=7)
        )
        await drive.idle()
        text = drive.screen()
        assert "Kurator is not installed here" in text
        assert "no [b]CRDs[/b]" in text
        assert "this" in text
        await drive.press("q")
        assert drive.app.return_code == 7


async def test_other_notices_are_toasts() -> None:
    source = estate()
    async with console(source) as drive:
        source.tell(Noticed("Odd", "[red]message[/red]", "a hint"))
        await drive.idle()
        assert drive.toasts() == ["[red]message[/red]\na hint"]


async def test_a_click_on_a_tab_opens_its_screen() -> None:
    async with console(estate(), size=(160, 40)) as drive:
        await drive.pilot.click("TabLine", offset=(drive.tabs().index("Clusters"), 0))
        await drive.idle()
        assert drive.view() == "clusters"


@pytest.mark.parametrize("again", [False, True])
async def test_keys_that_come_in_one_burst_are_typed_into_the_bar_they_open(again: bool) -> None:
    async with console(estate()) as drive:
        if again:  # the bars are mounted already
            await drive.press("command", "escape", "filter", "escape")
        await drive.burst(":clusters\r/edgexx\b\b-e\r")
        assert drive.view() == "clusters"
        assert drive.names() == ["edge-east"]
        assert "filter edge-e" in drive.title()
        await drive.burst(":clu\t\x1b/prod\x1bj")
        assert drive.dialog() == ""
        assert len(drive.names()) == 7
        assert drive.app.frame.bars.typing is None


async def test_a_paste_goes_into_the_open_bar_only() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.paste("q")
        await drive.press("filter")
        await drive.paste("edge-e\nast")
        assert drive.names() == ["edge-east"]
        assert drive.dialog() == ""


async def test_a_letter_of_a_filter_lays_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("filter")
        await drive.type("ed")
        laid: list[bool] = []
        lay = Compositor.reflow

        def note(compositor: Compositor, parent: Widget, size: Size) -> ReflowResult:
            laid.append(True)
            return lay(compositor, parent, size)

        monkeypatch.setattr(Compositor, "reflow", note)
        await drive.type("ge")
        assert not laid
        assert drive.names() == ["edge-cold-chain", "edge-east"]
