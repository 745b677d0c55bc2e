"""Where rows are needed: in the clusters in scope, and where a drill-down looks."""

from __future__ import annotations

from kurator_tui.link.readers import Reach
from tests.ui.driver import console
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
