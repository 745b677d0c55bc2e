"""`rollout status` as a pipeline runs it: a release climbs on three members and is rolled back on one of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

APPLICATION, WATCHED = "webapp", ("on-prem", "pre-cloud", "prod-cloud")
SUSPENDED = "payments"
"""An Application of the demo whose rollout is paused: it never ends."""


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "kurator_tui", "rollout", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    """Of an estate in which nothing moves."""
    with estate(Options(scenario="frozen")) as running:
        yield running.kubeconfig


def test_a_release_is_told_a_line_a_change_and_fails_where_one_member_fails() -> None:
    demo = ("--demo", "--scenario", "release", "--speed", "2")
    found = run("status", APPLICATION, "--watch", "--timeout", "200s", *demo)
    assert found.returncode == 1, found.stderr
    assert "failed on on-prem" in found.stderr
    told = [line.split("  ") for line in found.stdout.splitlines()]
    phases = {cluster: [parts[3] for parts in told if parts[1] == cluster] for cluster in WATCHED}
    assert phases["on-prem"][-1] == "Failed"
    for cluster in ("pre-cloud", "prod-cloud"):
        assert phases[cluster][-1] == "Succeeded"
        weights = [f"Progressing {weight}% of 50%" for weight in (10, 20, 30, 40, 50)]
        seen = [phase for phase in phases[cluster] if phase in weights]
        assert seen  # from where it was when this machine had started everything, without a gap
        assert seen == weights[-len(seen) :]
    failed = next(parts for parts in told if (parts[1], parts[3]) == ("on-prem", "Failed"))
    assert "request duration" in failed[-1]
    assert "\x1b" not in found.stdout + found.stderr


def test_what_is_there_is_told_once_as_json(kubeconfig: str) -> None:
    found = run("status", APPLICATION, "-o", "json", "--kubeconfig", kubeconfig)
    document = json.loads(found.stdout)
    assert tuple(sorted(item["cluster"] for item in document["items"])) == WATCHED
    assert found.returncode == {"succeeded": 0, "failed": 1, "unfinished": 3}[document["outcome"]]
    assert {"application", "policy", "phase", "weight", "failed_checks"} <= document["items"][0].keys()


def test_what_has_succeeded_everywhere_ends_with_zero_once_it_has_the_wanted_revision(kubeconfig: str) -> None:
    words = ("status", APPLICATION, "--watch", "--kubeconfig", kubeconfig)
    found = run(*words, "--revision", "8d2f1c7", "--timeout", "60s")
    assert (found.returncode, found.stderr) == (0, f"succeeded on {', '.join(WATCHED)}\n")
    found = run(*words, "--revision", "0000000", "--timeout", "1s")
    assert (found.returncode, found.stderr) == (3, f"not done on {', '.join(WATCHED)}\n")
    assert found.stdout.count("waiting for revision 0000000") == len(WATCHED)


def test_what_does_not_end_in_time_ends_with_three(kubeconfig: str) -> None:
    found = run("status", SUSPENDED, "--watch", "--timeout", "1s", "--kubeconfig", kubeconfig)
    assert found.returncode == 3
    assert "not done on prod-cloud" in found.stderr


def test_a_name_that_is_none_ends_with_four(kubeconfig: str) -> None:
    found = run("status", "no-such", "--kubeconfig", kubeconfig)
    assert (found.returncode, found.stdout) == (4, "")
    assert "no rollout is called no-such" in found.stderr


def test_an_interrupt_ends_it_at_once_and_quietly(kubeconfig: str) -> None:
    words = command("status", SUSPENDED, "--watch", "--kubeconfig", kubeconfig)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert SUSPENDED in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_reader_that_leaves_ends_it(kubeconfig: str) -> None:
    words = command("status", SUSPENDED, "--watch", "--kubeconfig", kubeconfig)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert SUSPENDED in process.stdout.readline()
            process.stdout.close()
            assert process.wait(timeout=60) == 0
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


def test_rollouts_of_some_clusters_are_complete(kubeconfig: str) -> None:
    words = ("get", "rollouts", "-o", "json", "--cluster", "on-*", "-n", "webapp", "--kubeconfig", kubeconfig)
    found = subprocess.run(
        [sys.executable, "-m", "kurator_tui", *words], capture_output=True, text=True, timeout=200, check=True
    )
    items = json.loads(found.stdout)["items"]
    assert {item["cluster"] for item in items} == {"on-prem"}
    assert {"webapp", "cart"} <= {item["name"] for item in items}


def test_history_is_what_the_engines_said(kubeconfig: str) -> None:
    found = run("history", "checkout", "-o", "json", "--kubeconfig", kubeconfig)
    said = [json.loads(line) for line in found.stdout.splitlines()]
    assert any("Canary failed!" in each["message"] for each in said)
    assert [each["time"] for each in said] == sorted(each["time"] for each in said)
