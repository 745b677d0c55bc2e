"""Executions of pipelines and their tasks: where Enter and l lead from them, and what is done to them."""

from __future__ import annotations

from tests.ui.driver import Driver, console
from tests.ui.estate import clusters
from tests.ui.log_source import LogSourceOfTest
from tests.ui.pipelines_source import building
from tests.ui.source import live_host

RUN, TASK = "pipelineruns.tekton.dev", "taskruns.tekton.dev"


def source() -> LogSourceOfTest:
    made = LogSourceOfTest()
    live_host(made)
    made.put(*clusters())
    building(made)
    return made


def names(drive: Driver) -> list[str]:
    """The rows of the table, in order."""
    view = drive.app.frame.current.table.view
    assert view is not None
    return [row.name for row in view]


async def test_enter_leads_from_an_execution_to_its_tasks_and_back() -> None:
    async with console(source(), size=(120, 30), view="pipelineexecutions") as drive:
        first = names(drive)[0]
        await drive.press("enter")
        assert drive.app.frame.current.kind.id == "pipelinetasks"
        assert names(drive) == [first, "git-clone", "go-test", "build-and-push-image"]
        await drive.press("escape")
        assert drive.app.frame.current.kind.id == "pipelineexecutions"


async def test_l_reads_the_logs_of_an_execution_and_of_one_of_its_tasks() -> None:
    estate = source()
    async with console(estate, size=(120, 30), view="pipelineexecutions") as drive:
        first = names(drive)[0]
        await drive.press("l")
        (selector,) = estate.query().selectors
        assert (selector.kind, selector.name, selector.clusters) == (RUN, first, ("host",))
        await drive.press("escape", "enter", "j", "l")
        (selector,) = estate.query().selectors
        assert (selector.kind, selector.name, selector.namespaces) == (TASK, f"{first}-git-clone", ("shop",))


async def test_a_task_that_never_began_has_no_logs_and_says_so() -> None:
    estate = source()
    async with console(estate, size=(120, 30), view="pipelineexecutions") as drive:
        await drive.press("enter", "j", "j", "j", "l")
        assert estate.streams == []
        assert "these have no logs" in " ".join(drive.toasts())
