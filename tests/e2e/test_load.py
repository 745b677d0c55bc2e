"""An estate made for load as a process of its own: kubectl and the console read it, and agree with its digest."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.served_demo import Kubectl, kubectl_binary

LOAD = ("--members", "3", "--pods", "400", "--nodes", "9", "--events", "400")


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """The ready line of a served estate in which things change."""
    command = [sys.executable, "-m", "kurator_tui.demo", *LOAD, "-o", "json", "--watch-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            found: dict[str, Any] = json.loads(process.stdout.readline())
            yield found
        finally:
            process.stdin.close()
            assert process.wait(60) == 0
    assert not Path(found["kubeconfig"]).exists()


def control(ready: dict[str, Any], method: str, path: str) -> Any:
    request = urllib.request.Request(ready["control"] + path, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def console(ready: dict[str, Any], *words: str) -> str:
    command = [sys.executable, "-m", "kurator_tui", *words, "--kubeconfig", ready["kubeconfig"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_ready_line_says_where_everything_is(ready: dict[str, Any]) -> None:
    assert set(ready) == {"kubeconfig", "pid", "clusters", "host", "control"}
    assert list(ready["clusters"]) == ["m0001", "m0002", "m0003"]
    assert all(url.startswith("https://127.0.0.1:") for url in ready["clusters"].values())


@pytest.mark.skipif(kubectl_binary() is None, reason="no kubectl beside this Python or on the path")
def test_kubectl_reads_host_and_members(ready: dict[str, Any], tmp_path: Path) -> None:
    binary = kubectl_binary()
    assert binary is not None
    kubectl = Kubectl(binary, ready["kubeconfig"], tmp_path, "load")
    (fleet,) = kubectl.json("get", "fleets", "-A")["items"]
    assert len(fleet["spec"]["clusters"]) == 3
    member = kubectl.on("m0002")
    assert len(member.json("get", "nodes")["items"]) == 3
    pods = member.json("get", "pods", "-A", "--chunk-size=50")["items"]
    assert 120 <= len(pods) <= 134
    control(ready, "POST", "/stop")  # the pod that is asked for is there
    pods = member.json("get", "pods", "-A", "--chunk-size=50")["items"]
    assert member.run("get", "pod", "-n", pods[0]["metadata"]["namespace"], pods[0]["metadata"]["name"])


@pytest.mark.parametrize("source", ["kurator", "contexts"])
def test_the_console_has_what_the_digest_says(ready: dict[str, Any], source: str) -> None:
    control(ready, "POST", "/burst?events=500")
    assert control(ready, "POST", "/stop")["behind"] == 0
    expected = control(ready, "GET", "/digest")
    for kind in ("pods", "nodes"):
        shown = console(ready, "get", kind, "--members-from", source, "-o", "digest")
        assert expected[kind]["digest"] in shown
        assert str(expected[kind]["count"]) in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pods", "10"), "--serve"),
        (("--serve", "--pods", "1", "--members", "2001"), "2000"),
        (("--serve", "--events", "-1"), "--events"),
        (("--serve", "--events", "10"), "nothing to change"),
        (("--serve", "--script", "/nonexistent"), "--script"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], message: str) -> None:
    command = [sys.executable, "-m", "kurator_tui", "demo", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_script_that_is_none_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("nonsense\n")
    command = [sys.executable, "-m", "kurator_tui", "demo", "--serve", "--script", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "line 1 of the script" in done.stderr
