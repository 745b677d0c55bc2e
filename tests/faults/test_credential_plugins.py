"""Credentials from a plugin that is slow, fails or hangs. The store equals the servers after."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.api import connection
from kurator_tui.api.connection import ConnectionSettings
from kurator_tui.api.plugin import Issued
from kurator_tui.errors import PluginFailure
from kurator_tui.store.freshness import State
from tests.faults.credentials import only, reasons, users
from tests.faults.model import NODES, PODS, Model
from tests.faults.server import Server
from tests.faults.stage import stage
from tests.faults.virtual import EPOCH, now, unix, virtual_time


@dataclass
class Plugin:
    """What stands for the programs: `runs` are the moments they were started; a run takes `seconds`.

    Each run issues another token. (Programs themselves: tests/unit/api/test_plugin.py and tests/e2e.)
    """

    lifetime: float | None = None
    seconds: float = 0.5
    fails: str = ""
    runs: list[float] = field(default_factory=list)
    token: str = ""

    async def run(self, _spec: Mapping[str, Any], _cluster: Mapping[str, Any], *, timeout: float) -> Issued:
        self.runs.append(now())
        if self.seconds > timeout:
            await asyncio.sleep(timeout)
            raise PluginFailure(f"Plugin login gave no credentials within {timeout:g} s.", "Log in.")
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise PluginFailure(self.fails, "Log in.")
        self.token = f"issued-{len(self.runs)}"
        expires = None if self.lifetime is None else unix() + self.lifetime
        return Issued(self.token, None, expires)


def plugged(monkeypatch: pytest.MonkeyPatch, plugin: Plugin, *, of: str = "m1") -> Plugin:
    users(monkeypatch, {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "login"}}, of=of)
    monkeypatch.setattr("kurator_tui.api.credentials.run_plugin", plugin.run)
    monkeypatch.setattr(connection, "ConnectionSettings", functools.partial(ConnectionSettings, now=unix))
    return plugin


@virtual_time
async def test_a_token_that_was_revoked_has_the_plugin_run_once_and_not_once_a_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = plugged(monkeypatch, Plugin())
    async with stage(tmp_path, "m1", "m2") as on:
        await asyncio.sleep(20)
        assert len(plugin.runs) == 1
        server, seen, mark = on["m1"], len(on.seen), len(on["m1"].log)
        refused = only(server, "issued-2")
        for stream in server.streams():
            stream.end()
        server.model.put(PODS, "p0", 9)
        server.model.put(NODES, "n0", 9)
        await on.until(lambda: len(refused.met) >= 2)
        await on.equal()
        assert len(plugin.runs) == 2
        assert not server.lists(mark)
        assert on.states("m2", PODS, seen) == []
        await on.steady()
        assert len(plugin.runs) == 2


@virtual_time
async def test_a_token_that_expires_has_the_plugin_run_once_a_lifetime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = plugged(monkeypatch, Plugin(lifetime=60.0))
    server = Server("m1", Model())
    async with stage(tmp_path, server) as on:
        mark, seen = len(server.log), len(on.seen)
        began, before = now(), len(plugin.runs)
        for turn in range(30):
            await asyncio.sleep(10)
            server.model.put(PODS, "p0", turn)
        await on.equal()
        assert len(plugin.runs) - before == pytest.approx((now() - began) / 55, abs=1.5)
        assert not server.lists(mark)
        assert {*on.states("m1", "", seen), *on.states("m1", PODS, seen)} <= {State.LIVE}
        await on.steady()


@virtual_time
async def test_a_plugin_that_fails_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says why, is tried ever more slowly, and costs no other member anything."""
    plugin = plugged(monkeypatch, Plugin())
    async with stage(tmp_path, "m1", "m2") as on:
        await asyncio.sleep(20)
        server, seen, before = on["m1"], len(on.seen), len(plugin.runs)
        plugin.fails = "Plugin login failed with status 1: your session has ended"
        refused = only(server, "none-yet")
        for stream in server.streams():
            stream.end()
        await asyncio.sleep(120)
        assert on.state("m1", PODS) is State.STALE
        assert any("your session has ended" in reason for reason in reasons(on, "m1", seen))
        assert 5 <= len(plugin.runs) - before <= 20, "first within seconds, then each ten"
        assert on.states("m2", PODS, seen) == []
        plugin.fails = ""
        refused.lift()
        server.model.put(PODS, "p0", 9)
        took = await on.equal()
        assert took < 60
        await on.steady()


@virtual_time
async def test_a_plugin_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended after a minute, and said; meanwhile its rows stay and the others miss nothing."""
    plugin = plugged(monkeypatch, Plugin(lifetime=100.0))
    async with stage(tmp_path, "m1", "m2") as on:
        seen = len(on.seen)
        plugin.seconds = 1e6
        await asyncio.sleep(220)
        assert on.facts("m1", PODS)
        assert any("gave no credentials within 60 s" in reason for reason in reasons(on, "m1", seen))
        assert 2 <= len(plugin.runs) <= 5
        on["m2"].model.put(PODS, "p0", 5)
        await on.until(lambda: on.facts("m2", PODS) == on["m2"].model.facts(PODS), 5)
        assert on.states("m2", PODS, seen) == []
        on["m1"].model.put(PODS, "p0", 9)
        plugin.seconds = 0.5
        took = await on.equal()
        assert took < 120
        await on.steady()


@virtual_time
async def test_a_plugin_that_issues_what_has_expired_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it looks when this machine's clock is an hour fast: the plugin must not run for every request."""
    plugin = plugged(monkeypatch, Plugin(lifetime=-3600.0))
    async with stage(tmp_path, "m1", sync=False) as on:
        await asyncio.sleep(100)
        assert unix() > EPOCH
        assert len(plugin.runs) <= 25
        await on.equal()
