"""Logs of the pods that a selector, a workload or a run names, and of pods that come, go and finish."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kurator_tui.kinds.log_lines import LogQuery, LogSelector, LogTarget
from kurator_tui.kinds.pods import POD, PodRow
from tests.faults.logged import GONE, SPEC, WAITING, Container, following, reading
from tests.faults.model import NODES, PODS, WIDGETS, Model
from tests.faults.server import Server
from tests.faults.virtual import virtual_time


@virtual_time
async def test_a_selector_reads_the_pods_that_match_and_those_that_come(tmp_path: Path) -> None:
    server = Server("m1")
    server.model.put(PODS, "p", spec=SPEC)
    app, later = Container(server, "p"), Container(server, "late")
    app.write("one", "two")
    query = LogQuery(selectors=(LogSelector(labels="app=web"),), tail=1)
    async with reading(tmp_path, query, server) as told:
        await told.until(lambda: told.texts() == ["two"])
        assert [asked.query["labelSelector"] for asked in server.log if asked.lists] == ["app=web"]
        await asyncio.sleep(10)
        later.refusal = WAITING
        server.model.put(PODS, "late", spec=SPEC)
        await told.until(lambda: told.texts("late") == ["<waiting>"])
        later.refusal = None
        later.write("first", "second")
        server.model.put(PODS, "late", 1, spec=SPEC)
        await told.until(lambda: told.texts("late") == ["<waiting>", "<resumed>", "first", "second"], 2)


@virtual_time
async def test_a_selector_that_matches_nothing_says_so(tmp_path: Path) -> None:
    server = Server("m1")
    query = LogQuery(selectors=(LogSelector(clusters=("m1", "m9"), labels="app=web"),), follow=False)
    async with reading(tmp_path, query, server) as told:
        await asyncio.wait_for(told.task, 10)
        assert sorted(told.texts()) == ["<empty>", "<lost>"]
        assert "m9 is no member" in next(line.text for line in told.lines if line.mark == "lost")


OWNER = LogQuery(
    selectors=(LogSelector(namespaces=("default",), kind="widgets.example.org", name="web"),), follow=False
)


def owning(name: str) -> Server:
    """A member with a workload `web` that selects its one pod, `p`, which wrote one line."""
    server = Server(name, Model((NODES, PODS, WIDGETS)))
    server.model.put(PODS, "p", spec=SPEC)
    Container(server, "p").write("one")
    path = WIDGETS.replace("/widgets", "/namespaces/default/widgets/web")
    server.single[path] = b'{"spec": {"selector": {"app": "web", "tier": "front"}}}'
    return server


@virtual_time
async def test_a_workload_is_read_by_its_own_selector(tmp_path: Path) -> None:
    server = owning("m1")
    async with reading(tmp_path, OWNER, server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["one"]
        asked = [asked.query.get("labelSelector") for asked in server.log if asked.lists]
        assert asked[-1] == "app=web,tier=front"


@virtual_time
async def test_a_pipelines_run_is_read_by_the_label_that_tekton_sets(tmp_path: Path) -> None:
    server = Server("m1")
    server.model.put(PODS, "p", spec=SPEC)
    Container(server, "p").write("one")
    selector = LogSelector(namespaces=("default",), kind="pipelineruns.tekton.dev", name="build-7")
    async with reading(tmp_path, LogQuery(selectors=(selector,), follow=False), server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["one"]
        asked = [asked.query.get("labelSelector") for asked in server.log if asked.lists]
        assert asked[-1] == "tekton.dev/pipelineRun=build-7"


@virtual_time
async def test_clusters_without_the_workload_are_named_in_one_line(tmp_path: Path) -> None:
    async with reading(tmp_path, OWNER, owning("m1"), Server("m2"), Server("m3")) as told:
        await asyncio.wait_for(told.task, 10)
        assert [line.text for line in told.lines if line.mark] == ["not in m2, m3"]


@virtual_time
async def test_a_workload_that_is_nowhere_is_told_by_each_cluster(tmp_path: Path) -> None:
    async with reading(tmp_path, OWNER, Server("m1"), Server("m2")) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["<gone>", "<gone>", "<empty>"]


@virtual_time
async def test_a_target_without_a_container_is_each_of_the_pods(tmp_path: Path) -> None:
    server = Server("m1")
    server.single["/api/v1/namespaces/default/pods/p"] = (
        b'{"metadata": {"name": "p", "namespace": "default", "uid": "u"}, "spec": {"containers": '
        b'[{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "i"}]}}'
    )
    for name in "abi":
        Container(server, "p", name).write(f"from {name}")
    for asked, expected in (("", ["from a", "from b"]), ("*", ["from a", "from b", "from i"])):
        query = LogQuery((LogTarget("m1", "default", "p", asked),), follow=False)
        async with reading(tmp_path, query, server) as told:
            await asyncio.wait_for(told.task, 10)
            assert sorted(told.texts()) == expected


@virtual_time
async def test_a_pod_of_the_same_name_is_followed_in_its_place(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("old")
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: told.texts() == ["old"])
        app.refusal = GONE
        app.stop()
        await told.until(lambda: "<gone>" in told.texts())
        app.refusal, app.lines = None, []
        app.start()
        app.write("new")
        row = PodRow("m1", "default", "p", "another", 1.0, phase="Running")
        told.store.put(POD.id, "m1", {"another": row})
        await told.until(lambda: told.texts() == ["old", "<gone>", "new"])
        assert len(told.sources) == 2


@virtual_time
async def test_a_pod_that_has_finished_ends_its_log(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("done")
    app.over = True
    async with reading(tmp_path, following(app), server) as told:
        row = PodRow("m1", "default", "p", "u", 1.0, phase="Succeeded")
        told.store.put(POD.id, "m1", {"u": row})
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["done", "<ended>"]
        assert len(app.asked) == 1
