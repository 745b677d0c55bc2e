"""A cluster that is to be attached: one context of a kubeconfig as it goes into a Secret, and whether it answers.

What goes into the Secret is that one context and nothing else, with the files that it names embedded, as
`kubectl config view --flatten --minify` has it. Nothing of it is ever run: credentials that need a program on this
machine would need it on the host, too. The text is secret; nothing here shows it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kurator_tui.api.connection import Connection
from kurator_tui.api.kubeconfig import Kubeconfig, kubeconfig_from_secret, load_kubeconfig
from kurator_tui.api.probe import probe
from kurator_tui.errors import ConsoleError, KubeconfigError, RefusedCredential
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.shapes import at, text

PATIENCE = 5.0
"""Seconds in which a server must answer."""
_RUNS = ("exec", "auth-provider")
_PEM = {
    "certificate-authority": re.compile(rb"-----BEGIN (TRUSTED )?CERTIFICATE-----"),
    "client-certificate": re.compile(rb"-----BEGIN CERTIFICATE-----"),
    "client-key": re.compile(rb"-----BEGIN (RSA |EC )?PRIVATE KEY-----"),
}
"""What a file must hold to be embedded: no other file of this machine goes to the host."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
_LOOPBACK = re.compile(r"https?://(127\.|localhost\b|\[::1\]|0\.0\.0\.0)")


@dataclass(frozen=True, slots=True)
class Attachable:
    """One context. `text` is the kubeconfig that the Secret gets: **secret material**."""

    context: str
    server: str
    text: str = field(repr=False)
    files: tuple[str, ...] = ()
    """What was embedded."""
    warnings: tuple[str, ...] = ()

    @property
    def config(self) -> Kubeconfig:
        """As a member's kubeconfig is read: data that runs and reads nothing. Raises CredentialError."""
        return kubeconfig_from_secret(self.text.encode(), source=f"context {self.context}")


def read(path: str, context: str) -> Attachable:
    """A context (the current one for "") of the user's kubeconfig at `path`. Blocks. Raises ConsoleError."""
    config = load_kubeconfig(str(Path(path).expanduser()), os.environ)
    ref = config.select(context or None)
    cluster, user = dict(config.cluster(ref)), dict(config.user(ref))
    for key in _RUNS:
        if key in user:
            raise RefusedCredential(
                f"{inert(ref.name)}: its user has `{key}`, which runs a program; Kurator cannot on the host.",
                "Give Kurator credentials of its own: a ServiceAccount's token, or a client certificate.",
            )
    files = [name for entry in (cluster, user) for name in _embed(entry)]
    whole = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": ref.cluster, "cluster": cluster}],
        "users": [{"name": ref.user, "user": user}] if ref.user else [],
        "contexts": [{"name": ref.name, "context": {"cluster": ref.cluster, "user": ref.user}}],
        "current-context": ref.name,
    }
    said = yaml.safe_dump(whole, sort_keys=False)
    return Attachable(ref.name, ref.server, said, tuple(files), tuple(_warnings(cluster, user)))


def _embed(entry: dict[str, Any]) -> list[str]:
    """Replace the files that an entry names by what they hold; their names. Raises KubeconfigError."""
    names: list[str] = []
    for key, pattern in _PEM.items():
        if path := text(entry.pop(key, "")):
            data = _content(path)
            if not pattern.search(data):
                raise KubeconfigError(f"{inert(path)} is no PEM file for {key}: it is not sent to the host.")
            entry.setdefault(f"{key}-data", base64.b64encode(data).decode())
            names.append(path)
    if path := text(entry.pop("tokenFile", "")):
        token = _content(path).decode("utf-8", "replace").strip()
        if not _TOKEN.fullmatch(token):
            raise KubeconfigError(f"{inert(path)} holds no token: it is not sent to the host.")
        entry["token"] = token
        names.append(path)
    return names


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(2**20)
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise KubeconfigError(f"{inert(path)} cannot be read: {why}.")


def _warnings(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> list[str]:
    said = []
    if _LOOPBACK.match(text(cluster.get("server"))):
        said.append("its server is an address of one machine alone: Kurator on the host may not reach it")
    if cluster.get("insecure-skip-tls-verify") is True:
        said.append("its server's certificate is not verified: whoever is on the way gets its credentials")
    if cluster.get("proxy-url"):
        said.append("it goes through a proxy, which the host must reach, too")
    if not user:
        said.append("it has no credentials: Kurator may do what anybody may")
    if expires := _expiry(text(user.get("token"))):
        said.append(f"its token expires at {expires}: the cluster is lost to Kurator then")
    return said


def _expiry(token: str) -> str:
    """When a JSON web token says that it ends, "" where it does not."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    with contextlib.suppress(ValueError):
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        expires = at(claims, "exp")
        if isinstance(expires, int) and not isinstance(expires, bool) and 0 < expires < 2**40:
            return time.strftime("%Y-%m-%d %H:%M", time.gmtime(expires)) + " UTC"
    return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cluster said to its own kubeconfig."""

    version: str
    identity: str
    """uid of its kube-system: one for each cluster in the world."""


async def check(config: Kubeconfig) -> Answer:
    """Ask as Kurator does: for its version, then for kube-system. Raises ConsoleError."""
    connection = await Connection.open(
        "the cluster", config, None, user_owned=False, exec_gate=contextlib.nullcontext()
    )
    try:
        told = await probe(connection, PATIENCE)
        answer = await connection.request("GET", "/api/v1/namespaces/kube-system", timeout=PATIENCE)
        with contextlib.suppress(ValueError):
            return Answer(told.version, text(at(json.loads(answer.body), "metadata", "uid")))
        return Answer(told.version, "")
    finally:
        await connection.close()


def of_secret(obj: Mapping[str, Any], key: str, source: str) -> Kubeconfig | ConsoleError:
    """The kubeconfig of a Secret that was read, or why it is none."""
    raw = at(obj, "data", key)
    if not isinstance(raw, str):
        return KubeconfigError(f"{source} has no key {inert(key)}")
    try:
        return kubeconfig_from_secret(base64.b64decode(raw, validate=True), source=source)
    except ValueError:
        return KubeconfigError(f"{source}, key {inert(key)}: not base64")
    except ConsoleError as error:
        return error
