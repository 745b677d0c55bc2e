"""Several demo API servers behind one hub, and a console's questions to its feeder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from kurator_tui.actions.audit import Audit, Entry
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import discover
from kurator_tui.demo.apiserver import custom
from kurator_tui.demo.apiserver.validation import apply_defaults
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.plans import Commit, Plan, Progress, Target, decode_plan, decode_progress, encode
from kurator_tui.link import messages as m
from kurator_tui.store.store import Store
from tests.unit.api.support import connected, kubeconfig
from tests.unit.demo.apiserver.serving import CATALOGUE, Api, serving

Obj = dict[str, Any]


@dataclass
class Estate:
    """Members by name, and the feeder's side of changes. `state` is the folder of the audit."""

    hub: Hub
    apis: dict[str, Api]
    state: Path
    acting: Acting
    links: dict[str, Any] = field(default_factory=dict)

    def configure(self, **told: Any) -> None:
        """Another console: a feeder that remembers nothing."""
        self.acting = Acting(m.Configured(state_dir=str(self.state), **told))

    # -- objects ----------------------------------------------------------------------------------------------

    def add(self, plural: str, obj: Obj, group: str = "", cluster: str = "") -> Obj:
        """Put an object into one cluster, or into each; what it is in the last one."""
        added: Obj = {}
        for name, api in self.apis.items():
            if cluster in ("", name):
                rt = api.server.catalogue.by_plural(plural, group)
                whole = {"kind": rt.kind, "apiVersion": rt.api_version, **obj}
                added = api.add(plural, apply_defaults(rt, json.loads(json.dumps(whole))), group)
        return added

    def add_deployment(
        self, name: str = "shop", replicas: int = 2, cluster: str = "", image: str = "web:1", **meta: Any
    ) -> None:
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        }
        head = {"name": name, "namespace": "d", **meta}
        self.add("deployments", {"metadata": head, "spec": spec}, "apps", cluster)

    async def get(self, cluster: str, path: str) -> Obj:
        """An object as the server has it; `path` such as `apis/apps/v1/namespaces/d/deployments/shop`."""
        _status, found = await self.apis[cluster].call("GET", f"/{path}")
        return cast(Obj, found)

    async def deployment(self, cluster: str = "m1", name: str = "shop") -> Obj:
        return await self.get(cluster, f"apis/apps/v1/namespaces/d/deployments/{name}")

    def targets(self, kind: str = "deployments.apps", name: str = "shop", namespace: str = "d") -> list[Target]:
        """The same object of every cluster."""
        return [Target(cluster, kind, namespace, name) for cluster in self.apis]

    # -- questions --------------------------------------------------------------------------------------------

    async def plan(self, verb: str, targets: Sequence[Target] | None = None, **arguments: str) -> Plan:
        asked = {
            "verb": verb,
            "targets": encode(self.targets() if targets is None else list(targets)),
            "arguments": json.dumps(arguments),
        }
        return decode_plan(await self.acting.plan(self.hub, asked))

    async def commit(
        self,
        plan: Plan | str,
        *,
        confirmed: str | None = None,
        waves: tuple[tuple[str, ...], ...] = (),
        soak: float = 0.0,
        more: bool = False,
        going: float = 0.0,
        hear: Callable[[Channel, Progress], None] = lambda _channel, _progress: None,
    ) -> list[Progress]:
        """Apply it, confirmed as it demands; everything that was told."""
        id = plan if isinstance(plan, str) else plan.id
        if confirmed is None:
            confirmed = plan.word or "y" if isinstance(plan, Plan) else "y"
        heard: list[Progress] = []

        def tell(message: m.Message) -> None:
            if isinstance(message, m.StreamFlowed):
                progress = decode_progress(message.data)
                heard.append(progress)
                channel.acknowledged(len(heard))
                hear(channel, progress)

        channel = Channel(1, tell)
        asked = {"commit": encode(Commit(id, confirmed, waves, soak, more, going))}
        await self.acting.commit(self.hub, asked, channel)
        return heard

    def audited(self) -> list[Entry]:
        return list(Audit(self.state).entries())


def last_states(heard: list[Progress]) -> dict[int, str]:
    """The last state of each step."""
    return {each.step: each.state for each in heard if each.kind == "step"}


def end(heard: list[Progress]) -> Progress:
    """The last word."""
    (last,) = [each for each in heard if each.kind == "end"]
    assert heard[-1] is last
    return last


@asynccontextmanager
async def estate(
    folder: Path, members: tuple[str, ...] = ("m1",), *, token: str = "a", sets: tuple[str, ...] = ()
) -> AsyncIterator[Estate]:
    """`members` with an empty namespace `d` each, and `sets` of custom kinds; we are the user of `token`."""
    catalogue = CATALOGUE.extended(*custom.kinds(*sets))
    async with AsyncExitStack() as stack:
        apis: dict[str, Api] = {}
        links: dict[str, Any] = {}
        for name in members:
            api = apis[name] = await stack.enter_async_context(serving(catalogue=catalogue))
            place = folder / name
            place.mkdir()
            config = kubeconfig(place, api.server.url, user={"token": token})
            connection: Connection = await stack.enter_async_context(connected(config))
            served = await discover(connection)
            facts = SimpleNamespace(via=f"context {name}")
            links[name] = SimpleNamespace(connection=connection, served=served, failure=None, facts=facts)
        hub = cast(Hub, SimpleNamespace(links=links, store=Store(), leads=True))
        built = Estate(hub, apis, folder / "state", cast(Acting, None), links)
        built.configure()
        yield built
