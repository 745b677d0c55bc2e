"""What the tests of bad input share: commands as users start them, servers of every kind, what never may show."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import trustme
import yaml

from kurator_tui.demo.apiserver.auth import ADMIN, NOBODY, VIEWER, User
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage

ADMIN_TOKEN = "tok-admin-7f3b1c9d2e"
VIEWER_TOKEN = "tok-viewer-5a8e4d1f60"
NO_PODS_TOKEN = "tok-nopods-93c2b7aa41"
NOBODY_TOKEN = "tok-nobody-2b4d6f8a0c"
STRANGER_TOKEN = "tok-stranger-0d9e8f7a6b"
USERS: dict[str, User] = {
    ADMIN_TOKEN: ADMIN,
    VIEWER_TOKEN: VIEWER,
    NO_PODS_TOKEN: VIEWER.without("pods"),
    NOBODY_TOKEN: NOBODY,
}
NEVER_SHOWN = (
    ADMIN_TOKEN,
    VIEWER_TOKEN,
    NO_PODS_TOKEN,
    NOBODY_TOKEN,
    STRANGER_TOKEN,
    "BEGIN CERT",
    "PRIVATE KEY",
    "Traceback",
)
PATIENCE = 60.0
AT_ONCE = 3
"""Commands that are under way together: each one starts two processes and gives clusters 20 s to answer."""

HOST = default_catalogue(host=True)
MEMBER = default_catalogue(host=False)


@dataclass(frozen=True, slots=True)
class Done:
    """An ended command; `items` are the rows of its JSON by name."""

    code: int
    out: str
    err: str

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        return {item["name"]: item for item in json.loads(self.out)["items"]}

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["items"]
        return found


async def run(*arguments: str, env: dict[str, str] | None = None, secrets: Iterable[str] = ()) -> Done:
    """`kurator-tui ARGUMENTS` to its end. Asserts that it showed no traceback and nothing secret."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kurator_tui", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    done = Done(process.returncode or 0, out.decode(), err.decode())
    nothing_secret(done.out + done.err, *secrets)
    return done


async def together(*commands: Coroutine[Any, Any, Done]) -> list[Done]:
    """The ends of `commands`, which are begun `AT_ONCE` at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(command: Coroutine[Any, Any, Done]) -> Done:
        async with turns:
            return await command

    return await asyncio.gather(*map(in_turn, commands))


def nothing_secret(text: str, *secrets: str) -> None:
    """Assert that `text` holds no traceback and no credential."""
    shown = [secret for secret in (*NEVER_SHOWN, *secrets) if secret in text]
    assert not shown, f"shown: {shown} in {text}"


def complains(done: Done, code: int, title: str, *parts: str) -> None:
    """Assert an error as promised: exit code, title and message, and a hint, on stderr only."""
    first, *rest = done.err.splitlines()
    assert done.code == code, done.err
    assert first.startswith(f"{title}: "), done.err
    assert rest, done.err
    assert all(line.startswith("hint: ") for line in rest), done.err
    assert all(part in done.err for part in parts), done.err
    assert done.out == ""


# -- kubeconfigs -------------------------------------------------------------------------------------------------


class Access(NamedTuple):
    """One context: the server, the user entry, and what else its cluster entry holds."""

    server: str
    user: dict[str, Any] = {}  # noqa: RUF012 - never changed
    cluster: dict[str, Any] = {}  # noqa: RUF012 - never changed


def kubeconfig(contexts: dict[str, Access], current: str = "") -> dict[str, Any]:
    """A kubeconfig of these contexts; `current` is the first one where it is not given."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current or next(iter(contexts)),
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
        "clusters": [{"name": name, "cluster": {"server": a.server, **a.cluster}} for name, a in contexts.items()],
        "users": [{"name": name, "user": access.user} for name, access in contexts.items()],
    }


def token(value: str = ADMIN_TOKEN) -> dict[str, Any]:
    return {"token": value}


def write(folder: Path, config: object, name: str = "config") -> str:
    """The path of a kubeconfig file."""
    path = folder / name
    path.write_text(config if isinstance(config, str) else yaml.safe_dump(config, allow_unicode=True))
    return str(path)


def b64(data: bytes | str) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


# -- servers -----------------------------------------------------------------------------------------------------


class Server:
    """One API server with the writes a test needs. Storage takes what a real server would refuse."""

    def __init__(self, name: str, catalogue: Catalogue = HOST, ssl_context: ssl.SSLContext | None = None) -> None:
        self.storage = Storage(catalogue, time.time)
        self.http = ClusterServer(name, catalogue, self.storage, USERS, ssl_context=ssl_context)
        self._catalogue = catalogue

    @property
    def url(self) -> str:
        return self.http.url

    def add(self, plural: str, name: str, group: str = "", **parts: Any) -> None:
        """Put an object into storage; namespaced kinds into `default`."""
        rt = self._catalogue.by_plural(plural, group)
        meta = {"name": name, **({"namespace": "default"} if rt.namespaced else {}), **parts.pop("metadata", {})}
        self.storage.create(rt, {"metadata": meta, **parts})

    def add_node(self, name: str = "n1") -> None:
        self.add("nodes", name, status={"conditions": [{"type": "Ready", "status": "True"}]})

    def add_secret(self, name: str, **data: str | bytes) -> None:
        self.add("secrets", name, data={key: b64(value) for key, value in data.items()})

    def attach(self, name: str, secret: str = "") -> None:
        """An AttachedCluster, by default of the Secret called as it is."""
        spec = {"kubeconfig": {"name": secret or name, "key": "value"}}
        self.add("attachedclusters", name, "cluster.kurator.dev", spec=spec)

    def add_fleet(self, name: str, *members: str, **parts: Any) -> None:
        listed = [{"kind": "AttachedCluster", "name": member} for member in members]
        self.add("fleets", name, "fleet.kurator.dev", spec={"clusters": listed}, **parts)


@asynccontextmanager
async def serving(*servers: Server) -> AsyncIterator[None]:
    """The servers answer while the block runs."""
    try:
        for server in servers:
            await server.http.start()
        yield
    finally:
        for server in servers:
            await server.http.stop()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """TLS of a server with this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context
