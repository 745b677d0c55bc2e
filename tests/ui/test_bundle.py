"""Ctrl-s on Triage: everything about an incident is written, while the console goes on."""

from __future__ import annotations

import errno
import json
import os
import re
import tarfile
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from kurator_tui.config.settings import Settings
from kurator_tui.errors import NotFound
from kurator_tui.kinds.pods import PodRow
from kurator_tui.screens import bundling
from kurator_tui.screens.bundle_content import Picture
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import console
from tests.ui.estate import NOW
from tests.ui.triage_source import DEPLOYMENT, POD, PULL, TriageSource, explained, findings

PASSWORD, VALUE, TOKEN = "swordfish", "c3ZvcmRmaXNo", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"


def known() -> TriageSource:
    """As `explained`; rows of pods are known, too."""
    source = explained()
    for cluster in PULL.clusters:
        source.store.set_freshness(cluster, "pods", Freshness(State.LIVE, NOW))
    message = f"Bearer {TOKEN}"
    source.put(
        PodRow("edge-east", "shop", "web-0", "pod-0", NOW - 200, status="ImagePullBackOff", message=message)
    )
    return source


def secretive() -> TriageSource:
    """As `known`, with secrets wherever one may be."""
    source = known()
    env = [{"name": "DB_PASSWORD", "value": PASSWORD}, {"name": "MODE", "value": "fast"}]
    pod = {**POD, "spec": {**POD["spec"], "containers": [{"name": "web", "env": env}]}}
    notes = {"example.com/token": TOKEN, "plain": "note"}
    deployment = {**DEPLOYMENT, "metadata": {**DEPLOYMENT["metadata"], "annotations": notes}}
    secret = {"kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, "data": {"a": VALUE}}
    source.objects = {"web-5d7f-x2v4p": pod, "web": deployment}
    source.answer("edge-east", pod)
    source.answer("edge-east", deployment)
    source.answer("edge-east", secret)
    source.answers[("object", "on-prem", "web")] = NotFound("no web", code=404)
    told = json.loads(findings())
    told.append({**told[0], "kind": "secrets", "name": "db", "code": "KT1102", "message": f"Bearer {TOKEN}"})
    source.answers[("incident", "", "")] = json.dumps(told)
    source.log = (f"login as shop with {PASSWORD} failed", f"error: token={TOKEN}")
    return source


def told(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


async def test_everything_about_an_incident_is_written_without_secrets(tmp_path: Path) -> None:
    async with console(
        secretive(), view="triage", size=(160, 50), settings=Settings(bundles=str(tmp_path))
    ) as drive:
        await drive.press("j", "ctrl+s")
        (folder,) = tmp_path.iterdir()
        assert "bundle written" in drive.screen()
        assert folder.name[:30] in drive.screen().replace("\n", "")
    files = told(folder)
    assert folder.name.startswith("incident-KT1002-image-cannot-be-pulled-registry.example-shop-web-v7-")
    entry = files["README.md"]
    for text in (
        PULL.name,
        "`KT1002`",
        "`high`",
        "`edge-east`, `on-prem`, `prod-cloud`",
        "`one image`",
        "Roll back",
    ):
        assert text in entry
    assert "`GitRepository shop/shop https://git.example/shop.git`" in entry
    assert "on-prem/shop/web-1" in entry[entry.index("could not be read") :], "what could not be read is said"
    for page in ("README.md", "objects.md", "queries.md"):
        for target in re.findall(r"\]\(([^)]+)\)", files[page]):
            assert unquote(target) in files
    assert "- `deployments.apps prod-cloud/shop/web`: `there is no feeder`" in entry
    assert "deployments.apps on-prem" not in entry, "an owner that is not there was another's"
    timeline = files["timeline.md"]
    for text in (
        "kustomize-controller wrote",
        "DeploymentShort firing",
        "scale by anna",
        "New revision",
        "Failed to pull",
    ):
        assert text in timeline
    assert "deployments/web" in files["actions.md"]
    assert files["queries/01-memory-used.csv"].startswith("time,cluster,value\n")
    assert len(files["queries/01-memory-used.csv"].splitlines()) == 61
    assert json.loads(files["incident.json"])["findings"][0]["name"] == "web-0"
    assert "apiVersion: v1\nkind: Pod\n" in files["objects/01-pods-web-5d7f-x2v4p-edge-east.yaml"]
    for name in ("inbox", "evidence", "objects"):
        assert ElementTree.fromstring(files[f"screens/{name}.svg"]).tag.endswith("svg")
    assert "▸✖ image cannot be pulled: registry.example/shop/web:v7" in files["screens/inbox.txt"]
    assert "web-0" in files["screens/objects.txt"]
    assert "grouped by       one image" in files["screens/evidence.txt"]
    for path, text in files.items():
        assert not any(secret in text for secret in (PASSWORD, VALUE, "eyJhbG", "fieldsV1")), path
    assert "login as shop with ••• failed" in files["log.md"]


async def test_from_the_card_a_tar_is_written_where_it_was_said(tmp_path: Path) -> None:
    async with console(known(), view="triage", size=(160, 50)) as drive:
        await drive.press("j", "enter")
        await drive.command(f"bundle --tar {tmp_path / 'a b'}")
        assert "bundle written" in drive.screen()
    (made,) = (tmp_path / "a b").iterdir()
    with tarfile.open(made) as archive:
        assert f"{made.name.removesuffix('.tar.gz')}/README.md" in archive.getnames()


async def test_on_a_full_disk_that_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def none_drawn(*_arguments: Any, **_named: Any) -> list[Picture]:
        return []

    source = known()
    source.refused = "you may not"
    async with console(source, view="triage", size=(160, 50), settings=Settings(bundles=str(tmp_path))) as drive:
        monkeypatch.setattr(os, "fsync", full)
        monkeypatch.setattr(bundling, "pictures", none_drawn)
        await drive.press("ctrl+s")
        assert "the disk is full; nothing was written" in drive.screen()
    assert list(tmp_path.iterdir()) == []
