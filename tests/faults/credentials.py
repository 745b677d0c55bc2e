"""Members whose credentials the test holds: in a Secret of the host, or in the user's kubeconfig."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.faults import stage as staging
from tests.faults.model import ATTACHED, Model
from tests.faults.server import Plant, Server, saying, status
from tests.faults.stage import Stage, fleet, kurator_host

UNAUTHORIZED = status(401, "Unauthorized", "Unauthorized")


def only(server: Server, *tokens: str) -> Plant:
    """The server takes these tokens from now on; what runs already goes on, as with a real one."""
    good = {f"Bearer {token}" for token in tokens}
    return server.plant(
        saying(401, UNAUTHORIZED), times=1e9, when=lambda asked: asked.headers.get("authorization") not in good
    )


def attach_as(host: Server, name: str, server: Server, user: dict[str, Any], authority: bytes = b"") -> None:
    """An AttachedCluster whose Secret holds this user entry; again: the Secret is rotated."""
    cluster = {"server": server.url}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    data = {"value": base64.b64encode(json.dumps(config).encode()).decode()}
    secret = {"kind": "Secret", "data": data}
    host.single[f"/api/v1/namespaces/default/secrets/{name}"] = json.dumps(secret).encode()
    if name not in host.model.names(ATTACHED):
        host.model.put(ATTACHED, name, spec={"kubeconfig": {"name": name}})


async def attached(
    user: dict[str, Any], server: Server | None = None, authority: bytes = b""
) -> tuple[Server, Server]:
    """(host, member `m1`), the member listening, with its credentials in a Secret."""
    host, member = kurator_host(), server or Server("m1", Model())
    await member.start()
    attach_as(host, "m1", member, user, authority)
    fleet(host, "m1")
    return host, member


def reasons(on: Stage, cluster: str, since: int = 0) -> set[str]:
    return {seen.reason for seen in on.seen[since:] if seen.cluster == cluster and not seen.kind}


def users(monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], *, of: str = "m1") -> None:
    """In the user's kubeconfig, the context `of` has this user; the others keep theirs."""
    plain = staging.kubeconfig

    def config(servers: Mapping[str, str], current: str = "host") -> dict[str, Any]:
        made = plain(servers, current)
        made["users"].append({"name": "special", "user": user})
        for context in made["contexts"]:
            if context["name"] == of:
                context["context"]["user"] = "special"
        return made

    monkeypatch.setattr(staging, "kubeconfig", config)
