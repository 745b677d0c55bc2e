"""A cluster is attached in the console, seen as a row of its fleet, and taken back, against a served demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options
from tests.e2e.console import Console, console

MEMBER = "demo-prod-cloud"


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    with estate(Options(scenario="calm", members=1)) as running:
        yield running.kubeconfig


@pytest.fixture
def running(kubeconfig: str, tmp_path: Path) -> Iterator[Console]:
    env = {"XDG_STATE_HOME": str(tmp_path)}
    with console("--kubeconfig", kubeconfig, "--no-cache", size=(140, 40), env=env) as opened:
        opened.shows("1/1 members live")
        yield opened


def token(kubeconfig: str) -> bytes:
    """The member's, as the kubeconfig has it."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    user = next(each["context"]["user"] for each in config["contexts"] if each["name"] == MEMBER)
    return next(str(each["user"]["token"]).encode() for each in config["users"] if each["name"] == user)


def test_a_cluster_is_attached_seen_as_a_row_and_taken_back(
    kubeconfig: str, running: Console, tmp_path: Path
) -> None:
    running.press(f":do attach file={kubeconfig} file-context={MEMBER} name=spare join=production\r")
    running.shows("Plan: Attach context", "answers: Kubernetes v1.", "the same cluster as prod-cloud")
    running.shows("data.value", "velero on spare")
    running.confirm()
    running.shows("Applied: Attach context", "3 done")
    running.press("q")
    running.shows("2/2 members live", "Fleets 1")
    running.press("2")
    running.shows("Clusters 3")
    row = re.compile(r"^\Wspare.*\bproduction\b", re.MULTILINE)
    running.until(lambda screen: row.search(screen) is not None, "it in its fleet")
    running.until(lambda screen: any("spare" in line and "live" in line for line in screen.splitlines()), "spare")
    running.press("U")
    running.shows("Plan: Undo: Attach context")
    running.confirm()
    running.shows("Applied: Undo", "ended: 3 done")
    running.press("q")
    running.shows("1/1 members live", "Clusters 2")
    kept = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert any(each.name == "audit.jsonl" for each in kept)
    secret = token(kubeconfig)
    assert not any(secret in each.read_bytes() for each in kept)
    assert secret not in running.raw
