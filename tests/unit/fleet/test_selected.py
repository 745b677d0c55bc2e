"""Pods by label selector, live, and the pods that name an object."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.fleet.selected import Selecting, users
from kurator_tui.link.selections import Selection, decode
from tests.unit.fleet.served_pods import Member, eventually, one_member


async def test_pods_that_begin_and_cease_to_match_are_told(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        first = member.add_pod("p")
        selection = Selection()

        async def send(data: bytes) -> None:
            selection.take(decode(data))

        reading = asyncio.create_task(Selecting(member.hub, "d", "app=web", send).run(["m", "gone"]))
        await eventually(lambda: selection.uids.get("m") == {first})
        second = member.add_pod("q")
        await eventually(lambda: selection.uids["m"] == {first, second})
        member.remove_pod("p")
        await eventually(lambda: selection.uids["m"] == {second})
        assert "gone is no member" in selection.errors["gone"]
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_a_console_that_takes_nothing_is_told_what_is_true_when_it_does(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod("first")
        selection, read, sending = Selection(), asyncio.Event(), asyncio.Event()

        async def send(data: bytes) -> None:
            sending.set()
            await read.wait()
            selection.take(decode(data))

        reading = asyncio.create_task(Selecting(member.hub, "d", "app=web", send).run(["m"]))
        await sending.wait()
        for number in range(200):
            member.add_pod(f"p{number}")
            member.remove_pod(f"p{number}")
        member.remove_pod("first")
        last = member.add_pod("last")
        read.set()
        await eventually(lambda: selection.uids.get("m") == {last})
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def add(member: Member, name: str, **spec: Any) -> None:
    containers = [{"name": "main", "image": "i", **spec.pop("container", {})}]
    meta = {"name": name, "namespace": "d"}
    member.api.add("pods", {"metadata": meta, "spec": {"containers": containers, **spec}})


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("configmaps", {"volumes": [{"name": "v", "configMap": {"name": "x"}}]}),
        ("configmaps", {"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "x"}}]}}]}),
        ("configmaps", {"container": {"envFrom": [{"configMapRef": {"name": "x"}}]}}),
        ("secrets", {"volumes": [{"name": "v", "secret": {"secretName": "x"}}]}),
        ("secrets", {"imagePullSecrets": [{"name": "x"}]}),
        (
            "secrets",
            {"container": {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "x", "key": "k"}}}]}},
        ),
        ("persistentvolumeclaims", {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "x"}}]}),
        ("serviceaccounts", {"serviceAccountName": "x"}),
    ],
)
async def test_users_are_the_pods_that_name_an_object(tmp_path: Path, kind: str, spec: dict[str, Any]) -> None:
    async with one_member(tmp_path) as member:
        add(member, "uses", **spec)
        add(member, "other")
        assert await users(member.hub, "m", "d", kind, "x") == ["uses"]
        assert await users(member.hub, "m", "elsewhere", kind, "x") == []
