"""Charts that are asked for: by a query of one's own, and from the rows of other screens."""

from __future__ import annotations

from kurator_tui.kinds.pods import PodRow
from kurator_tui.link.metrics import Completion, Failure, PanelData
from kurator_tui.screens.metrics_keys import ChartsScreen
from kurator_tui.store.scope import Scope
from tests.ui.driver import console
from tests.ui.estate import NOW
from tests.ui.metrics_driver import charts
from tests.ui.metrics_source import measured


async def test_a_query_of_ones_own_is_one_chart_with_its_values() -> None:
    async with charts("sum(up)") as page:
        assert [query.promql for query in page.source.asked()] == ["sum(up)"]
        assert "LINE" in page.drive.screen()


async def test_what_is_wrong_with_a_query_is_pointed_at() -> None:
    source = measured()
    source.told = lambda _query: PanelData(error=Failure("Not a query", "unexpected )"))
    source.completes(Completion(problem="unexpected )", at=4))
    async with charts("sum()", source=source) as page:
        lines = page.drive.screen().splitlines()
        query = next(at for at, line in enumerate(lines) if at > 1 and "sum()" in line)
        assert lines[query + 1].index("^") == lines[query].index("sum()") + 4
        assert "unexpected )" in lines[query + 2]
        assert "the query cannot be asked" in page.title


async def test_metric_names_are_completed_and_a_syntax_error_is_told_while_typing() -> None:
    source = measured()
    source.completes(Completion(4, 7, ("container_cpu", "container_memory"), "unclosed parenthesis", 3))
    async with console(source, view="clusters") as drive:
        await drive.press("command")
        await drive.type("metrics sum(con")
        assert "4: unclosed parenthesis" in drive.screen()
        await drive.press("tab")
        assert "metrics sum(container_cpu" in drive.screen()
        await drive.press("tab")
        assert "metrics sum(container_memory" in drive.screen()


async def test_pages_are_completed_without_asking() -> None:
    source = measured()
    async with console(source, view="clusters") as drive:
        await drive.press("command")
        await drive.type("metrics nod")
        await drive.press("tab")
        assert "metrics nodes" in drive.screen()


async def test_the_frames_scope_is_the_querys() -> None:
    source = measured()
    async with console(source, view="clusters") as drive:
        drive.app.frame.use_scope(Scope(frozenset({"on-prem"}), frozenset({"shop"})))
        await drive.command("metrics sum(up)")
        assert [(query.clusters, query.namespaces) for query in source.asked()] == [(("on-prem",), ("shop",))]


# -- from rows ----------------------------------------------------------------------------------------------------


def pod(name: str) -> PodRow:
    return PodRow(cluster="prod-cloud", namespace="shop", name=name, uid=name, created=NOW - 60)


async def test_m_on_a_pod_opens_the_page_of_its_workload() -> None:
    source = measured()
    source.put(pod("cart-7d4b9c8f6d-x2x8k"))
    async with console(source, view="pods") as drive:
        await drive.press("M")
        [query] = source.asked()
        assert query.page == "workload"
        assert query.clusters == ("prod-cloud",)
        assert query.variables == {"namespace": "shop", "workload": "cart"}


async def test_m_on_a_cluster_opens_its_page() -> None:
    source = measured()
    async with console(source, view="clusters") as drive:
        await drive.press("j", "M")
        assert isinstance(drive.app.screen, ChartsScreen)
        assert drive.app.screen.page.id == "cluster"
        assert drive.app.screen.target.clusters == (drive.selected(),)


async def test_a_page_about_a_workload_says_how_to_open_it_where_there_is_none() -> None:
    async with charts("workload") as page:
        assert "M on its row" in page.notice
        assert not page.source.panels()
