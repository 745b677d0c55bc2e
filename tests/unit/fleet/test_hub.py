"""The hub over real HTTP: members come and go with Fleets, and a dead one costs the others nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.fleet import credentials, joins
from kurator_tui.fleet import member as member_module
from kurator_tui.fleet.hub import HOST_KINDS, Hub
from kurator_tui.fleet.interest import Reach
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.options import HubOptions
from kurator_tui.fleet.overviews import MemberFacts, cluster_overview
from kurator_tui.kinds.alerts import ALERTS
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.edge import EDGE_SITES
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, FLEET
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.fleet.fake_cluster import FakeCluster
from tests.unit.fleet.hub_estate import (
    ATTACHED,
    FLEETS,
    attach,
    clusters,
    fleet,
    fleets,
    hub,
    kubeconfig,
    reason,
    state,
    until,
)


@pytest.fixture
async def host() -> AsyncIterator[FakeCluster]:
    async with FakeCluster(kurator=True) as cluster:
        yield cluster


@pytest.fixture
async def member() -> AsyncIterator[FakeCluster]:
    async with FakeCluster() as cluster:
        cluster.put(
            "/api/v1/nodes", "n1", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, "Node"
        )
        cluster.put("/api/v1/pods", "p1", {"status": {"phase": "Running"}}, "Pod")
        yield cluster


async def test_a_member_of_a_fleet_is_connected_and_counted(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "live")
        row = clusters(running)["a"]
        assert (row.nodes, row.nodes_ready, row.pods) == (1, 1, 1)
        assert row.via == "secret a/value"
        assert row.version == "v1.31.0"
        broken = IncidentRow(HOST, "", "broken", "i1", 1.0, severity="high", clusters=("a",))
        running.store.put(INCIDENTS.id, HOST, {"i1": broken})
        await until(running, lambda: clusters(running)["a"].found == 1)
        await until(running, lambda: [row.found for row in fleets(running)] == [1])
        running.store.put(INCIDENTS.id, HOST, {"i1": msgspec.structs.replace(broken, state="resolved")})
        await until(running, lambda: [row.found for row in fleets(running)] == [0])
        assert clusters(running)["a"].found == 0


async def test_members_appear_and_disappear_with_the_fleet(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    attach(host, "b", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "live")
        assert "b" not in clusters(running)
        fleet(host, "a", "b")
        await until(running, lambda: state(running, "b") == "live")
        fleet(host, "b")
        await until(running, lambda: "a" not in clusters(running))
        (row,) = [row for row in running.store.rows("fleets") if isinstance(row, FleetOverview)]
        assert row.members == ("b",)


async def test_a_secret_with_an_exec_plugin_is_refused_and_the_others_go_on(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    evil = kubeconfig(member.url)
    evil["users"][0]["user"] = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/false"}}
    attach(host, "evil", evil)
    attach(host, "gone", None)
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "evil", "gone", "a")
    async with hub(tmp_path, host) as running:
        await until(
            running,
            lambda: [state(running, n) for n in ("a", "evil", "gone")] == ["live", "unreachable", "unreachable"],
        )
        assert "exec" in clusters(running)["evil"].reason
        assert "does not exist" in clusters(running)["gone"].reason


async def test_a_server_that_stops_makes_its_member_stale_and_it_returns_by_itself(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "live")
        await member.stop()
        await until(running, lambda: state(running, "a") == "stale")
        row = clusters(running)["a"]
        assert row.pods == 1
        assert row.reason
        assert state(running, "host") == "live"
        await member.start()
        await until(running, lambda: state(running, "a") == "live")


async def test_a_server_that_hangs_makes_its_member_stale(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "live")
        member.hanging = True
        await until(running, lambda: state(running, "a") == "stale")
        member.hanging = False
        await until(running, lambda: state(running, "a") == "live")


async def test_contexts_can_be_members_where_kurator_is_not_installed(tmp_path: Path, member: FakeCluster) -> None:
    config = kubeconfig(member.url)
    config["contexts"].append({"name": "other", "context": {"cluster": "c", "user": "u"}})
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    running = Hub(load_kubeconfig(str(path), {}), HubOptions(members_from="contexts"), Store())
    task = asyncio.create_task(running.run())
    await until(running, lambda: state(running, "other") == "live" and state(running, "host") == "live")
    assert clusters(running)["other"].kind == "Context"
    assert running.serves_kurator is False
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_complete_before_the_host_was_asked_for_its_fleets(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: running.synced({"clusters"}))
        for kind in HOST_KINDS:
            assert running.store.freshness("host", kind.id).state in (State.LIVE, State.ABSENT)
        assert state(running, "a") == "live"


async def test_a_listed_member_whose_object_may_not_be_read_is_not_called_absent(
    tmp_path: Path, host: FakeCluster
) -> None:
    host.forbidden.add(ATTACHED)
    fleet(host, "a")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: "cannot be read: no access" in reason(running, "a"))


async def test_a_mistake_of_ours_in_one_member_is_shown_there_and_costs_the_others_nothing(
    tmp_path: Path, host: FakeCluster, member: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = credentials.find

    async def broken(member: Member, *rest: Any) -> Any:
        if member.name == "a":
            raise ZeroDivisionError
        return await find(member, *rest)

    monkeypatch.setattr(credentials, "find", broken)
    attach(host, "a", kubeconfig(member.url))
    attach(host, "b", kubeconfig(member.url))
    fleet(host, "a", "b")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "unreachable" and state(running, "b") == "live")
        assert reason(running, "a") == "error in kurator-tui: ZeroDivisionError"


async def test_a_member_with_a_version_of_endless_digits_harms_nobody(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    async with FakeCluster() as evil:
        evil.version = "v1." + "9" * 5000
        attach(host, "a", kubeconfig(evil.url))
        attach(host, "b", kubeconfig(member.url))
        fleet(host, "a", "b")
        async with hub(tmp_path, host) as running:
            await until(running, lambda: state(running, "a") == "live" and state(running, "b") == "live")
            assert clusters(running)["b"].skew == 0


async def test_a_row_that_cannot_be_joined_says_so_and_the_others_go_on(
    tmp_path: Path, host: FakeCluster, member: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = cluster_overview

    def broken(facts: MemberFacts, newest: tuple[int, int] | None) -> ClusterOverview:
        if facts.member.name == "a":
            raise ZeroDivisionError
        return join(facts, newest)

    def broken_fleet(*_facts: object) -> FleetOverview:
        raise OverflowError

    monkeypatch.setattr(joins, "cluster_overview", broken)
    monkeypatch.setattr(joins, "fleet_overview", broken_fleet)
    attach(host, "a", kubeconfig(member.url))
    attach(host, "b", kubeconfig(member.url))
    fleet(host, "a", "b")
    async with hub(tmp_path, host) as running:
        await until(running, lambda: state(running, "a") == "live" and state(running, "b") == "live")
        assert reason(running, "a") == "error in kurator-tui: ZeroDivisionError"
        (row,) = [row for row in running.store.rows("fleets") if isinstance(row, FleetOverview)]
        assert row.reason == "error in kurator-tui: OverflowError"


async def test_nobody_is_a_member_before_the_fleets_are_known(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    attach(host, "a", kubeconfig(member.url))
    attach(host, "b", kubeconfig(member.url))
    fleet(host, "a")
    host.held.add(FLEETS)
    async with hub(tmp_path, host) as running:
        seen: set[str] = set()
        running.store.listen_freshness(lambda cluster, _kind, _freshness: seen.add(cluster))
        await until(running, lambda: running.store.freshness("host", ATTACHED_CLUSTER.id).state is State.LIVE)
        await until(running, lambda: state(running, "host") == "live")
        assert not running.synced({"clusters"})
        host.held.clear()
        await until(running, lambda: state(running, "a") == "live")
        assert seen == {"host", "a"}


async def test_the_namespace_option_chooses_among_kurators_objects_only(tmp_path: Path, host: FakeCluster) -> None:
    async with hub(tmp_path, host, namespace="team") as running:
        await until(running, lambda: state(running, "host") == "live")
        await until(running, lambda: FLEETS.replace("/fleets", "/namespaces/team/fleets") in host.asked)
        assert {"/api/v1/pods", "/api/v1/nodes"} <= host.asked


async def test_a_member_that_moved_is_found_again_by_its_new_secret(
    tmp_path: Path, host: FakeCluster, member: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_module, "RENEW_AFTER", 0.0)
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running, FakeCluster() as moved:
        await until(running, lambda: state(running, "a") == "live")
        attach(host, "a", kubeconfig(moved.url))
        await member.stop()
        await until(running, lambda: state(running, "a") == "stale")
        await until(running, lambda: state(running, "a") == "live")
        row = clusters(running)["a"]
        assert (row.server, row.pods) == (moved.url, 0)


@pytest.mark.parametrize("asked", [True, False])
async def test_kinds_that_are_installed_later_appear(
    tmp_path: Path, member: FakeCluster, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    if not asked:
        monkeypatch.setattr(member_module, "REDISCOVER_INTERVAL", 0.05)
    async with FakeCluster() as host, hub(tmp_path, host) as running:
        await until(running, lambda: running.store.freshness("host", FLEET.id).state is State.ABSENT)
        host.install_kurator()
        attach(host, "a", kubeconfig(member.url))
        fleet(host, "a")
        if asked:
            running.resync("host")
        await until(running, lambda: state(running, "a") == "live")
        assert running.serves_kurator


JOBS = "/apis/batch/v1/jobs"
JOBS_OF_SHOP = "/apis/batch/v1/namespaces/shop/jobs"


async def test_a_kind_that_may_be_read_in_some_namespaces_only_is_watched_there(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    member.install(JOBS, ("batch", "v1", "jobs", "Job"), JOBS_OF_SHOP)
    member.forbidden.add(JOBS)
    member.put(JOBS_OF_SHOP, "nightly", {"metadata": {"namespace": "shop"}}, "Job")
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:

        def names() -> list[str]:
            return [row.name for row in running.store.rows("jobs.batch")]

        def told() -> Freshness | None:
            return running.store.told("a", "jobs.batch")

        await until(running, lambda: state(running, "a") == "live")
        running.require("jobs.batch", Reach(frozenset({"a"})))
        await until(running, lambda: (known := told()) is not None and known.state is State.FORBIDDEN)
        assert JOBS_OF_SHOP not in member.asked
        running.require("jobs.batch", Reach(frozenset({"a"}), frozenset({"shop"})))
        await until(running, lambda: names() == ["nightly"])
        assert state(running, "a") == "live"
        member.put(JOBS_OF_SHOP, "weekly", {"metadata": {"namespace": "shop"}}, "Job")
        await until(running, lambda: names() == ["nightly", "weekly"])


EVENTS = "/api/v1/events"


async def test_events_are_listed_anew_when_all_of_them_are_needed(
    tmp_path: Path, host: FakeCluster, member: FakeCluster
) -> None:
    member.install(EVENTS, ("", "v1", "events", "Event"))
    for number, kind in enumerate(("Canary", "Pod")):
        member.put(EVENTS, f"e{number}", {"involvedObject": {"kind": kind}}, "Event")
    attach(host, "a", kubeconfig(member.url))
    fleet(host, "a")
    async with hub(tmp_path, host) as running:

        def about() -> list[str]:
            found = running.store.rows(EVENT.id, "a")
            return sorted(row.object_kind for row in found if isinstance(row, EventRow))

        await until(running, lambda: state(running, "a") == "live")
        running.require("rollouts", Reach())
        await until(running, lambda: about() == ["Canary"])
        await until(running, lambda: running.store.freshness("a", EVENT.id).state is State.LIVE)
        running.require(EVENT.id, Reach())
        assert running.store.freshness("a", EVENT.id).state is State.SYNCING
        await until(running, lambda: about() == ["Canary", "Pod"])


async def test_what_thanos_tells_is_asked_for_while_somebody_watches_it_and_what_is_joined_is_not(
    tmp_path: Path, host: FakeCluster
) -> None:
    async with hub(tmp_path, host) as running:
        running.watch(dict.fromkeys((ALERTS.id, EDGE_SITES.id), ""), by="triage")
        await until(running, lambda: running.store.told("host", ALERTS.id) is not None)
        assert running.store.told("host", EDGE_SITES.id) is None
