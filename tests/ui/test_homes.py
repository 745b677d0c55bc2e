"""Screens 3, 8, 9 and 0: sections, how they are moved between and found again, and what their rows stand for."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.homes import HOMES, beside
from kurator_tui.kinds.registry import KINDS
from kurator_tui.widgets.palette import text_of, width_of
from kurator_tui.widgets.section_line import SectionLine, sections_text
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads

TITLES = {"edge": "3 Edge", "delivery": "8 Delivery", "policy": "9 Policy & Backup", "batch": "0 Batch"}


def section(drive: Driver) -> str:
    """What the line of sections has in brackets."""
    shown = drive.app.frame.current.query_one(SectionLine).text
    return shown.partition("[")[2].partition("]")[0]


@pytest.mark.parametrize("home", HOMES)
def test_the_sections_of_a_home_are_kinds_and_belong_to_no_other(home: str) -> None:
    for each in HOMES[home]:
        assert each.kind in KINDS
        assert [other for other in HOMES if each.kind in {one.kind for one in HOMES[other]}] == [home]


@pytest.mark.parametrize("home", HOMES)
async def test_its_digit_opens_a_home_and_leads_on_from_section_to_section(home: str) -> None:
    titles = [each.title for each in HOMES[home]]
    async with console(workloads(), size=(200, 50)) as drive:
        seen = []
        for _ in [*titles, "and round"]:
            await drive.press(f"screen.{home}")
            assert f"[{TITLES[home]}]" in drive.tabs()
            seen.append(section(drive))
        assert seen == [*titles, titles[0]]


async def test_sections_are_gone_through_both_ways_and_a_home_opens_with_the_last_one() -> None:
    first, second = HOMES["edge"][:2]
    last = HOMES["edge"][-1]
    async with console(workloads(), size=(200, 50)) as drive:
        await drive.press("screen.edge", "section.before")
        assert section(drive) == last.title
        await drive.press("section.next", "section.next")
        assert section(drive) == second.title
        await drive.press("screen.fleets", "screen.edge")
        assert section(drive) == second.title
        await drive.command(first.kind)
        assert (section(drive), "[3 Edge]" in drive.tabs()) == (first.title, True)


async def test_workloads_keeps_its_kind_while_homes_are_visited() -> None:
    async with console(workloads(), size=(200, 50)) as drive:
        await drive.command("deployments")
        await drive.press("screen.edge", "screen.batch", "screen.workloads")
        assert drive.app.frame.current.kind.id == "deployments.apps"
        assert "[7 Workloads]" in drive.tabs()


async def test_where_there_are_no_sections_their_keys_do_nothing() -> None:
    async with console(workloads(), size=(200, 50)) as drive:
        await drive.command("pods")
        await drive.press("section.next", "section.before")
        assert drive.app.frame.current.kind.id == "pods"
        assert drive.toasts() == []


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("home", HOMES)
def test_the_open_section_is_seen_however_narrow_it_is(home: str, width: int) -> None:
    for each in HOMES[home]:
        line = sections_text(HOMES[home], each.kind, width)
        assert f"[{each.title}]" in text_of(line)
        assert width_of(line) == width


def test_beside_the_last_section_is_the_first() -> None:
    kinds = [each.kind for each in HOMES["batch"]]
    assert [beside(kind, 1) for kind in kinds] == [*kinds[1:], kinds[0]]
    assert beside("pods", 1) == "pods"
