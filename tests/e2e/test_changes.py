"""Changes from the console in a real terminal: seen before they are written, staged, stopped, taken back.

One demo in which a release goes out, and one console, for all of it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.console import PATIENCE, Console, console
from tests.e2e.served_demo import Kubectl, kubectl_binary

pytestmark = pytest.mark.skipif(kubectl_binary() is None, reason="no kubectl")

MEMBERS = ("ai-cloud", "edge-cold-chain", "edge-east", "on-prem", "pre-cloud", "prod-cloud")
DEMO = (
    "-m",
    "kurator_tui.demo",
    "-o",
    "json",
    "--control",
    "--watch-parent",
    "--scenario",
    "release",
    "--speed",
    "2",
)
EDITOR = """#!/bin/sh
printf 'EDITING %s\\n' "$(head -n 1 "$1")"
read -r go < /dev/tty
sed -i 's/replicas: .*/replicas: 4/' "$1"
"""


@dataclass
class Estate:
    """A served demo and the console on it."""

    kubectl: Kubectl
    control: str
    console: Console

    def on(self, member: str) -> Kubectl:
        return self.kubectl.on(f"demo-{member}")

    def get(self, member: str, namespace: str, kind: str, name: str) -> Any:
        return self.on(member).json("-n", namespace, "get", kind, name)

    def becomes(self, what: str, true: Callable[[], bool]) -> None:
        """Until the clusters say so, the console living on meanwhile."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"never: {what}"
            self.console.now()

    def fault(self, member: str, mode: str) -> None:
        """What the member's server does from now on."""
        body = json.dumps({"cluster": member, "mode": mode}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.control}/fault", body), timeout=60).close()

    def opened(self, command: str, *texts: str) -> str:
        """A table, from wherever the test before has left the console; never from within a plan."""
        self.console.press("\x1b[24~")  # F12 is no key of ours: what an Esc before it could begin ends here
        self.console.until(lambda screen: "1 Fleets" in screen, "the frame")
        self.console.press(f":{command}\r")
        return self.console.shows(*texts)

    def left(self) -> None:
        """Back to the table."""
        self.console.press("q")
        self.console.shows("1 Fleets")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    home = tmp_path_factory.mktemp("home")
    editor = home / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o700)
    own = {"XDG_CACHE_HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "VISUAL": str(editor)}
    with subprocess.Popen(
        [sys.executable, *DEMO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdin is not None
        assert demo.stdout is not None
        try:
            ready = json.loads(demo.stdout.readline())
            kubectl = Kubectl(str(kubectl_binary()), ready["kubeconfig"], home)
            options = ("--kubeconfig", ready["kubeconfig"], "--no-cache")
            with console(*options, size=(160, 48), env=own) as running:
                running.shows("6/6 members live")
                yield Estate(kubectl, ready["control"], running)
        finally:
            demo.stdin.close()
            try:
                demo.wait(60)
            finally:
                demo.kill()


def test_a_rollout_is_paused_on_three_members_and_each_stops(estate: Estate) -> None:
    estate.opened("rollouts", "webapp")
    estate.console.press("/name:webapp\r")
    # Early in it, so that it goes on for a while; a machine that was too late for the first one sees the next.
    going = re.compile(r"^▸.*webapp (.*\D[12]?0% ){3}", re.MULTILINE)
    estate.console.until(
        lambda screen: "1 of " in screen and going.search(screen) is not None, "an analysis on three members", 150
    )
    estate.console.press("Z")
    estate.console.shows("rolloutPolicy.suspend: true", "reaches 3", "y applies it to 1 target")
    estate.console.confirm()
    estate.console.shows("ended: 1 done")
    estate.left()
    estate.console.until(
        lambda screen: screen.count("paused") == 3 and "3 done" not in screen, "three that are paused"
    )
    for member in ("on-prem", "pre-cloud", "prod-cloud"):
        assert estate.get(member, "webapp", "canaries.flagger.app", "backend")["spec"]["suspend"] is True


def test_an_edit_is_seen_written_and_taken_back(estate: Estate) -> None:
    def wanted() -> int:
        return int(estate.get("ai-cloud", "kube-system", "deploy", "coredns")["spec"]["replicas"])

    before = wanted()
    estate.opened("deploy name:coredns cluster:ai-cloud", "Deployments 1 of")
    estate.console.press("e")
    estate.console.shows("EDITING #: Edit: ai-cloud/kube-system deployments/coredns")
    estate.console.press("\x03\r")  # the editor's terminal is its own: Ctrl-C ends neither
    estate.console.until(
        lambda screen: ("ended by signal 2" in screen or "Plan: Edit" in screen) and "EDITING" not in screen,
        "the console",
    )
    estate.console.press("e")
    estate.console.shows("EDITING")
    estate.console.press("\r")
    estate.console.shows(f"- spec.replicas: {before}", "+ spec.replicas: 4", "y applies it to 1 target")
    assert wanted() == before, "nothing is written before it is confirmed"
    estate.console.press("\r")
    estate.console.shows("Enter applies safe plans only")
    estate.console.confirm()
    estate.console.shows("ended: 1 done")
    assert wanted() == 4
    estate.console.press("U")
    estate.console.shows("- spec.replicas: 4", f"+ spec.replicas: {before}", "y applies it to 1 target")
    estate.console.confirm()
    estate.console.shows("Applied: Undo", "ended: 1 done")
    assert wanted() == before
    estate.left()


def test_a_drain_stops_at_a_budget_that_was_told_before(estate: Estate) -> None:
    prod = estate.on("prod-cloud")
    budget = json.dumps({"spec": {"minAvailable": 2}})
    prod.run("-n", "kube-system", "patch", "pdb", "coredns", "--type", "merge", "-p", budget)
    allowed = ("-n", "kube-system", "get", "pdb", "coredns")
    estate.becomes("a budget that is used up", lambda: prod.json(*allowed)["status"]["disruptionsAllowed"] == 0)
    pods = prod.json("-n", "kube-system", "get", "pods")["items"]
    node = next(pod["spec"]["nodeName"] for pod in pods if pod["metadata"]["name"].startswith("coredns-"))
    estate.opened(f"nodes name:{node}", "Nodes 1 of")
    estate.console.press(":do drain patience=1s\r")
    estate.console.shows("budget coredns allows no disruption now", "of DaemonSets stay", "y applies it to")
    estate.console.confirm()
    estate.console.shows("ended: ", "1 failed", "not begun")
    failed = re.compile(r"^.* failed .*coredns.*disruption budget", re.MULTILINE)
    estate.console.until(lambda screen: failed.search(screen) is not None, "which one and why")
    left = {pod["metadata"]["name"] for pod in prod.json("-n", "kube-system", "get", "pods")["items"]}
    assert sum(name.startswith("coredns-") for name in left) == 2
    assert prod.json("get", "node", node)["spec"]["unschedulable"] is True
    estate.console.press("U")
    estate.console.shows("Undo: Drain", "spec.unschedulable", "refused left out")
    estate.console.confirm()
    estate.console.shows("Applied: Undo")
    estate.becomes(
        "a node that takes pods", lambda: not prod.json("get", "node", node)["spec"].get("unschedulable")
    )
    estate.left()


def test_a_staged_restart_over_six_clusters_stops_at_its_second_wave(estate: Estate) -> None:
    def restarted() -> set[str]:
        found = set()
        for member in MEMBERS:
            template = estate.get(member, "kube-system", "deploy", "coredns")["spec"]["template"]
            if "kubectl.kubernetes.io/restartedAt" in template["metadata"].get("annotations", {}):
                found.add(member)
        return found

    estate.opened("deploy name:coredns !cluster:host", "Deployments 6 of")
    estate.console.press("     ")
    estate.console.press(" ")
    estate.console.press("r")
    estate.console.shows("the same on 6", "y applies it to 6 targets on 6 clusters")
    estate.console.press("w")
    estate.console.shows("Watch for")
    estate.console.press("\x7f" * 20 + "1, 2, 100%\r")
    waves = ("In 3 waves; it stops at the first failure", "1. ai-cloud", "2. edge-cold-chain")
    estate.console.until(lambda screen: "Watch for" not in screen, "the plan again")
    screen = estate.console.shows(*waves)
    assert "3. on-prem, pre-cloud, prod-cloud" in screen
    estate.fault("edge-east", "error500")
    estate.console.confirm()
    screen = estate.console.shows("ended: ")
    estate.fault("edge-east", "none")
    found = re.findall(r"(done|failed|unknown|not begun) +([a-z-]+)/", screen)
    by_member = {member: state for state, member in found}
    assert by_member["ai-cloud"] == "done", screen
    assert by_member["edge-east"] in ("failed", "unknown")
    assert [by_member[member] for member in ("on-prem", "pre-cloud", "prod-cloud")] == ["not begun"] * 3, screen
    assert restarted() <= {"ai-cloud", "edge-cold-chain", "edge-east"}
    assert "ai-cloud" in restarted()
    estate.left()
    estate.opened("audit", "restart", "failed")


def test_everything_of_it_is_in_the_audit_which_is_whole(estate: Estate, tmp_path: Path) -> None:
    state = Path(estate.kubectl.home) / "state"
    words = [sys.executable, "-m", "kurator_tui", "audit"]
    own = {"XDG_STATE_HOME": str(state), "PATH": "/usr/bin:/bin"}
    verified = subprocess.run([*words, "verify"], env=own, capture_output=True, text=True, timeout=60, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    shown = subprocess.run(
        [*words, "show", "-o", "json"], env=own, capture_output=True, text=True, timeout=60, check=True
    )
    verbs = {entry["verb"] for entry in json.loads(shown.stdout)["items"]}
    assert verbs == {"rollout.pause", "edit", "undo", "drain", "restart"}
