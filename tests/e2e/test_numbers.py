"""Thanos's numbers of the demo's members are those that the console counts from their objects."""

from __future__ import annotations

import pytest

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options
from kurator_tui.metrics.client import Thanos
from kurator_tui.metrics.numbers import CATALOGUE, ask
from tests.e2e.test_agreement import console_rows


async def test_every_number_of_the_catalogue_agrees_with_what_the_members_objects_say() -> None:
    with estate(Options(scenario="frozen")) as running:
        rows = console_rows(running.kubeconfig, "clusters")
        client = Thanos(running.ready["thanos"])
        try:
            reading = await ask(client)
        finally:
            await client.close()
    assert (reading.error, reading.warnings) == ("", ())
    # One member has no kube-state-metrics: its numbers are missing, not zero.
    assert reading.counts.keys() == rows.keys() - {"host", "edge-cold-chain"}
    for cluster, counts in reading.counts.items():
        for number in CATALOGUE.keys() - {"pods_ready"}:
            told = getattr(counts, number)
            assert (told or 0) == pytest.approx(rows[cluster][number], rel=0.001), (cluster, number)
        assert counts.pods
        assert counts.cpu_requested
        # A pod on a lost node is not ready, while its containers' last known state may still be.
        assert counts.pods_ready
        assert counts.pods_ready <= rows[cluster]["pods_ready"]
