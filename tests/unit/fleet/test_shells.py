"""Shells in pods: pickers, debug containers and their failures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from kurator_tui.api.exec import STDOUT, Session
from kurator_tui.demo.apiserver import custom
from kurator_tui.errors import CommandNotFound, ConsoleError, NotFound, TimedOut, UsageError
from kurator_tui.fleet import shells
from kurator_tui.fleet.doors import Door
from tests.unit.demo.apiserver.serving import CATALOGUE
from tests.unit.fleet.served_pods import Member, eventually, one_member

PROXY = "/apis/cluster.karmada.io/v1alpha1/clusters/m/proxy"


async def read_until(session: Session, words: str) -> str:
    text = b""
    while words.encode() not in text:
        piece = await asyncio.wait_for(session.output(), 60)
        assert piece is not None, text
        assert piece[0] == STDOUT
        text += piece[1]
    return text.decode()


async def test_a_shell_is_bash_where_there_is_one(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        async with shells.shell(member.door, "d", "p") as session:
            await session.resize(120, 40)
            await read_until(session, "root@p:/# ")
            await session.feed(b"stty size\r")
            assert "40 120" in await read_until(session, "root@p:/# ")
            await session.feed(b"exit 6\r")
            while await session.output() is not None:
                pass
            assert session.exit is not None
            assert session.exit.code == 6


async def test_an_image_without_a_shell_says_so(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod(image="gcr.io/distroless/static")
        async with shells.shell(member.door, "d", "p") as session:
            with pytest.raises(CommandNotFound, match='exec: "sh"') as caught:
                await session.output()
        assert "debug container" in caught.value.hint


async def test_a_picker_of_containers(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        (found,) = await shells.list_containers(member.door, "d", "p")
        assert (found.name, found.role, found.running, found.default) == ("main", "container", True, True)
        with pytest.raises(NotFound):
            await shells.list_containers(member.door, "d", "nope")


async def debugging(member: Member) -> str:
    """A debug container that a kubelet starts while it is waited for."""
    name = member.add_debug_container("main")
    waiting = asyncio.create_task(shells.debug_started(member.door, "d", "p", name, within=5))
    await eventually(lambda: member.connection.stats.open_streams == 1)
    member.start_debug_containers()
    await waiting
    return name


async def test_a_debug_container_is_waited_for_and_attached_to(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod(image="gcr.io/distroless/static")
        name = await debugging(member)
        async with shells.attach(member.door, "d", "p", name) as session:
            await read_until(session, "/ # ")


async def test_a_debug_container_that_cannot_start(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        name = member.add_debug_container()
        member.start_debug_containers(waiting={"reason": "InvalidImageName"})
        with pytest.raises(ConsoleError, match="does not run: InvalidImageName"):
            await shells.debug_started(member.door, "d", "p", name)
        with pytest.raises(NotFound, match="no container other"):
            await shells.debug_started(member.door, "d", "p", "other")


async def test_an_image_that_is_pulled_for_too_long(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        name = member.add_debug_container()
        member.start_debug_containers(waiting={"reason": "ImagePullBackOff"})
        with pytest.raises(TimedOut, match="ImagePullBackOff"):
            await shells.debug_started(member.door, "d", "p", name, within=0.2)


async def test_a_pod_that_goes_while_its_debug_container_starts(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        name = member.add_debug_container()
        waiting = asyncio.create_task(shells.debug_started(member.door, "d", "p", name, within=5))
        await eventually(lambda: member.connection.stats.open_streams == 1)
        member.remove_pod()
        with pytest.raises(NotFound, match="is gone"):
            await waiting


@pytest.mark.parametrize("name", ["", "..", "a/b", "a%2fb"])
def test_a_name_leads_to_no_other_path(name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        shells.pod_path(cast(Door, SimpleNamespace(prefix="")), "d", name)


async def test_through_karmada_a_shell_opens_by_its_proxy(tmp_path: Path) -> None:
    async with one_member(tmp_path, catalogue=CATALOGUE.extended(*custom.kinds("karmada"))) as member:
        member.api.server.members["m"] = member.api.server  # as if it were its own host
        member.add_pod()
        through = Door(member.connection, PROXY)
        async with shells.shell(through, "d", "p") as session:
            await read_until(session, "root@p:/# ")
            await session.feed(b"hostname\r")
            assert "\np\r" in await read_until(session, "root@p:/# ")


async def test_through_karmada_every_path_begins_with_its_proxys(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        through, proxy = Door(member.connection, PROXY), PROXY
        assert shells.pod_path(through, "d", "p") == f"{proxy}/api/v1/namespaces/d/pods/p"
        member.add_pod()
        with pytest.raises(NotFound, match="404"):  # this server has no such proxy
            async with shells.shell(through, "d", "p"):
                pytest.fail("it was asked without its prefix")
