"""Where rows are needed: in the clusters in scope, and where a drill-down looks."""

from __future__ import annotations

from kurator_tui.kinds.table import ObjectRow
from kurator_tui.link.readers import Reach
from kurator_tui.screens.resting import REST, RestingScreen
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads


async def test_a_kind_is_read_in_the_clusters_in_scope() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("deploy")
        assert source.readers.reach("deployments.apps") == Reach()
        await drive.command("scope edge-*")
        clusters = source.readers.reach("deployments.apps").clusters
        assert clusters
        assert all(cluster.startswith("edge-") for cluster in clusters)
        await drive.command("scope all")
        assert source.readers.reach("deployments.apps") == Reach()


async def test_what_overviews_are_made_of_is_read_everywhere() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("scope edge-*")
        await drive.command("pods")
        assert source.readers.reach("pods") == Reach()


async def test_a_screen_that_is_given_up_reads_nothing() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("deploy")
        for word in ("svc", "ing", "cm", "sa", "sts", "ds", "jobs"):
            await drive.command(word)
        assert "deployments.apps" not in source.readers


# -- places that are not on the screen --------------------------------------------------------------------------


async def unseen(drive: Driver) -> None:
    """As long as a place is read on that nobody looks at."""
    await drive.later(1)
    await drive.later(REST + 1)


async def test_a_place_that_nobody_looks_at_reads_nothing_after_a_while() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        for word in ("deploy", "svc", "ing"):
            await drive.command(word)
        await drive.later(REST - 1)
        assert "deployments.apps" in source.readers
        await unseen(drive)
        assert "deployments.apps" not in source.readers
        assert "services" in source.readers, "the place before: back is instant"
        assert "ingresses.networking.k8s.io" in source.readers


async def test_a_place_that_is_looked_at_again_in_time_never_stops_reading() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        for word in ("deploy", "svc", "ing"):
            await drive.command(word)
        await drive.later(REST - 1)
        await drive.press("history.back", "history.back")
        await drive.later(REST - 1)
        await drive.press("history.forward", "history.forward")
        await drive.later(2)
        assert "deployments.apps" in source.readers


async def test_what_clusters_are_made_of_is_read_on() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        for word in ("pods", "svc", "ing"):
            await drive.command(word)
        await unseen(drive)
        assert "pods" in source.readers


async def test_coming_back_asks_again_and_shows_nothing_that_nobody_vouches_for() -> None:
    source = workloads()
    jobs = [ObjectRow("on-prem", "shop", name, name, 0.0) for name in ("bake", "cook", "brew", "boil")]
    async with console(source, size=(160, 40)) as drive:
        await drive.command("jobs.batch")
        source.store.put("jobs.batch", "on-prem", {job.uid: job for job in jobs})
        await drive.filter("b")
        await drive.press("move.bottom")
        assert drive.names() == ["bake", "boil", "brew"]
        await drive.command("svc")
        await drive.command("ing")
        await unseen(drive)
        assert not source.store.count("jobs.batch")
        await drive.command("jobs.batch")
        assert "jobs.batch" in source.readers
        assert drive.names() == []
        source.store.put("jobs.batch", "on-prem", {job.uid: job for job in jobs[1:]})
        await drive.idle()
        assert drive.names() == ["boil", "brew"], "what went meanwhile is no ghost, and the filter holds"
        selected = drive.app.frame.context.row
        assert selected is not None
        assert selected.name == "brew"


async def test_a_screen_that_nobody_told_that_it_is_shown_reads_on_within_a_second() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("deploy")
        known = drive.names()
        current = drive.app.frame.current
        assert isinstance(current, RestingScreen)
        current._rest()
        assert "deployments.apps" not in source.readers
        await drive.later(1)
        assert "deployments.apps" in source.readers
        assert drive.names() == known


async def test_a_scope_that_is_chosen_meanwhile_wakes_nobody_and_holds_afterwards() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        for word in ("deploy", "svc", "ing"):
            await drive.command(word)
        await unseen(drive)
        await drive.command("scope edge-*")
        assert "deployments.apps" not in source.readers
        await drive.command("deploy")
        clusters = source.readers.reach("deployments.apps").clusters
        assert clusters
        assert all(cluster.startswith("edge-") for cluster in clusters)
