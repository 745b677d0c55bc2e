"""Screen 0: from a queue to its jobs, from a total to those of all clusters, which objects rows stand for."""

from __future__ import annotations

import pytest

from tests.ui.batch_source import batched
from tests.ui.driver import Driver, console


def kind(drive: Driver) -> str:
    return drive.app.frame.current.kind.id


async def test_screen_0_opens_with_queues_and_leads_to_the_jobs_of_one() -> None:
    async with console(batched(), size=(200, 50)) as drive:
        await drive.press("screen.batch")
        assert kind(drive) == "batchqueues"
        await drive.filter("cluster:ai-cloud name:production")
        (row,) = drive.table()
        assert "starved" in row["REASON"]
        await drive.press("open")
        assert drive.dialog() == "Picker"  # jobs or pod groups
        await drive.press("enter")
        assert (kind(drive), sorted(row["JOB"] for row in drive.table())) == (
            "batchjobs",
            ["distill-7b", "release-eval"],
        )


async def test_a_total_leads_to_the_jobs_of_all_clusters() -> None:
    async with console(batched(), size=(200, 50)) as drive:
        await drive.command("batchqueues")
        await drive.filter("name:production")
        assert drive.table()[0]["CLUSTER"] == "2 clusters"
        await drive.press("move.top", "open", "enter")
        assert "eval-nightly" in [row["JOB"] for row in drive.table()]


@pytest.mark.parametrize(
    ("view", "words", "object_kind"),
    [
        ("batchqueues", "name:legacy", "queues.scheduling.volcano.sh"),
        ("batchjobs", "name:sweep-25", "jobs.batch.volcano.sh"),
        ("preemptions", "name:notebook-0", "pods"),
    ],
)
async def test_a_row_is_read_as_the_object_it_stands_for(view: str, words: str, object_kind: str) -> None:
    async with console(batched(), size=(200, 50)) as drive:
        await drive.command(view)
        await drive.filter(words)
        await drive.press("d")
        (stream,) = drive.source.streams
        assert (stream.arguments["kind"], stream.arguments["cluster"]) == (object_kind, "ai-cloud")
