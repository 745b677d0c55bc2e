"""An edge site loses its link: its nodes fall silent and go on by themselves, until the link returns."""

from collections.abc import Callable
from functools import partial
from typing import Any

from kurator_tui.demo.world.incidents import incident
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Step = tuple[float, Callable[[], None]]

SUMMARY = "an edge site loses its link at 10 s; its nodes go on by themselves and return at 300 s"
#: World seconds: the link falls, it returns, the next site's turn.
FALLS, RETURNS, PERIOD = 10.0, 300.0, 420.0
#: Seconds for which pods tolerate a silent node here, as of `--default-unreachable-toleration-seconds`.
TOLERATED = 30
INCIDENTS = (
    *(
        incident("KT3111", "edge-east", site, since=begins, by=begins + 175)
        for site, begins in (("depot-7", FALLS), ("harbour", FALLS + PERIOD))
    ),
    incident("KT3121", "edge-east", "edge-apps/cooling-unit-east-site-02", since=RETURNS, by=RETURNS + 125),
)
"""A node is unknown after 40 s of silence, and told of after two minutes more. Of a device that is broken anyway
nobody knows anything while its node is silent: it is told of two minutes after the link returned."""
GROUP = "apps.kubeedge.io/belonging-to"
GROUPS = "nodegroups.apps.kubeedge.io"


def outage(world: World) -> list[Step]:
    """One site after another loses its link."""
    sites = _sites(world)
    if not sites:
        return []

    def fall(number: int) -> None:
        cluster, nodes = sites[number % len(sites)]
        for node in nodes:
            world.machinery[cluster].nodes.cut(node)
        world.timeline.after(RETURNS - FALLS, partial(_resume, world, cluster, nodes))
        world.timeline.after(PERIOD, partial(fall, number + 1))

    cluster, nodes = sites[0]
    begins = told(cluster, f"the link of {', '.join(nodes)} falls; they go on by themselves", partial(fall, 0))
    return [(FALLS, begins), (FALLS, partial(_follow, world))]


def _resume(world: World, cluster: str, nodes: list[str]) -> None:
    for node in nodes:
        world.machinery[cluster].nodes.resume(node)


def _sites(world: World) -> list[tuple[str, list[str]]]:
    """(member, nodes) of each site that has a link to lose, in order of their names."""
    found: list[tuple[str, list[str]]] = []
    for member in world.members:
        groups: dict[str, list[str]] = {}
        for node in world.clusters[member].all_of("nodes"):
            if site := node["metadata"]["labels"].get(GROUP):
                groups.setdefault(site, []).append(node["metadata"]["name"])
        found += [(member, groups[site]) for site in sorted(groups)]
    return found


def _follow(world: World) -> None:
    """KubeEdge's group controller: NodeGroups say of their nodes what the nodes say of themselves."""
    for member in world.members:
        cluster = world.clusters[member]
        ready = {node["metadata"]["name"]: _ready(node) for node in cluster.all_of("nodes")}
        for group in cluster.all_of(GROUPS) if GROUPS in cluster.types else ():
            now = [
                {**each, "readyStatus": ready.get(each["nodeName"], "Unknown")}
                for each in (group.get("status") or {}).get("nodeStatuses") or ()
            ]
            if now != group["status"].get("nodeStatuses"):
                cluster.set_status(GROUPS, group, {**group["status"], "nodeStatuses": now})
    world.timeline.after(5.0, partial(_follow, world))


def _ready(node: Obj) -> str:
    status = next(each["status"] for each in node["status"]["conditions"] if each["type"] == "Ready")
    return {"True": "Ready", "False": "NotReady"}.get(status, "Unknown")


def shorten_tolerations(world: World) -> None:
    """Pods on edge nodes tolerate silence for half a minute, so that what follows is soon seen."""
    for member in world.members:
        cluster = world.clusters[member]
        nodes = [node["metadata"] for node in cluster.all_of("nodes")]
        edge = {meta["name"] for meta in nodes if GROUP in meta["labels"]}
        for pod in cluster.all_of("pods"):
            if pod["spec"].get("nodeName") in edge:
                cluster.modify("pods", pod["metadata"]["namespace"], pod["metadata"]["name"], _shorten)


def _shorten(pod: Obj) -> None:
    for each in pod["spec"].get("tolerations") or ():
        if "tolerationSeconds" in each:
            each["tolerationSeconds"] = TOLERATED
