"""The demo as a process: what it prints, what it leaves, and that it ends."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.demo.apiserver import auth, calls
from kurator_tui.demo.apiserver.calls import Call
from kurator_tui.demo.serve import Demo, DemoOptions
from kurator_tui.demo.world.clock import FIXED_EPOCH

_COMMAND = (sys.executable, "-m", "kurator_tui.demo", "--members", "1", "--scenario", "calm", "-o", "json")


@contextmanager
def running(*more: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """A demo process that said it is ready, and what it said."""
    with subprocess.Popen(
        [*_COMMAND, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


def test_it_says_where_everything_is_and_leaves_nothing_after_sigterm() -> None:
    with running() as (process, said):
        assert said["pid"] == process.pid
        assert [each["name"] for each in said["clusters"]] == ["host", "prod-cloud"]
        assert all(each["server"].startswith("https://127.0.0.1:") for each in said["clusters"])
        assert said["thanos"].startswith("http://127.0.0.1:")
        assert "control" not in said
        path = Path(said["kubeconfig"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        config = json.loads(path.read_text())
        assert config["current-context"] == "demo"
        names = [each["name"] for each in config["contexts"]]
        assert names == ["demo", "demo-viewer", "demo-nobody", "demo-prod-cloud"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert not path.parent.exists()


def test_it_ends_with_the_parent_it_watches() -> None:
    with running("--watch-parent", "--control") as (process, said):
        assert said["control"].startswith("http://127.0.0.1:")
        path = Path(said["kubeconfig"])
        assert path.exists()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
        assert not path.parent.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--members", "-1"), "demo: members must not be negative"),
        (("--speed", "0"), "demo: speed must be positive"),
        (("--scenario", "nope"), "invalid choice: 'nope'"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: tuple[str, ...], message: str) -> None:
    done = subprocess.run([*_COMMAND, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


async def test_seven_clusters_start_quickly() -> None:
    demo = Demo(DemoOptions())
    begun = time.process_time()
    await demo.start()
    spent = time.process_time() - begun
    await demo.stop()
    assert spent < 1.5
    assert len(demo.servers) == 7


async def test_the_text_for_people_names_the_kubeconfig() -> None:
    demo = Demo(DemoOptions(members=1, scenario="frozen"))
    await demo.start()
    try:
        assert demo.kubeconfig is not None
        assert f"export KUBECONFIG={demo.kubeconfig.path}" in demo.text()
        assert "demo-prod-cloud" in demo.text()
        assert demo.description()["pid"] == os.getpid()
    finally:
        await demo.stop()
    assert not demo.kubeconfig.path.exists()


async def test_the_world_moves_by_the_wall_clock() -> None:
    now = [1_800_000_000.0]
    demo = Demo(DemoOptions(members=1, speed=100.0), wall=lambda: now[0])
    await demo.start()
    try:
        before = demo.world.clusters["prod-cloud"].storage.rv
        now[0] += 1.0
        async with asyncio.timeout(60):
            while demo.world.clock.elapsed < 100.0:
                await asyncio.sleep(0)
        assert demo.world.clusters["prod-cloud"].storage.rv > before + 50
    finally:
        await demo.stop()


def test_a_world_that_moves_has_a_largest_size() -> None:
    with pytest.raises(ValueError, match="at most 500 members"):
        Demo(DemoOptions(members=501))


def test_each_member_with_a_mesh_has_its_own_prometheus_behind_its_server() -> None:
    now = [FIXED_EPOCH]
    demo = Demo(DemoOptions(members=1, scenario="calm"), wall=lambda: now[0])
    demo.world.build({})
    now[0] += 120
    demo.world.tick(now[0])
    path = "/api/v1/namespaces/istio-system/services/http:prometheus:9090/proxy/api/v1/query"
    query = {"query": 'sum(rate(istio_requests_total{destination_workload="backend-primary"}[1m]))'}
    target = calls.route(demo.servers["prod-cloud"].catalogue, path)
    assert target is not None
    told = demo.servers["prod-cloud"].proxy.answer(Call(target, "get", query, auth.ADMIN))
    assert not callable(told)
    status, body, _ = told
    (row,) = json.loads(body)["data"]["result"]
    assert status == 200
    assert float(row["value"][1]) > 0


def test_thanos_is_behind_the_service_of_the_fleets_plugin_on_the_host() -> None:
    now = [FIXED_EPOCH]
    demo = Demo(DemoOptions(members=2, scenario="calm"), wall=lambda: now[0])
    demo.world.build({})
    now[0] += 120
    demo.world.tick(now[0])
    server = demo.servers["host"]
    proxy = "/api/v1/namespaces/default/services/http:default-thanos-query:9090/proxy"
    for path, query in (("/api/v1/query", {"query": "count by (cluster) (kube_node_info)"}), ("/-/ready", {})):
        target = calls.route(server.catalogue, proxy + path)
        assert target is not None
        told = server.proxy.answer(Call(target, "get", query, auth.ADMIN))
        assert callable(told) == bool(query), "a query is answered in a thread of its own"
        status, body, _ = told() if callable(told) else told
        assert (status, bool(body)) == (200, True)
        if query:
            assert json.loads(body)["data"]["result"][0]["metric"]["cluster"]
