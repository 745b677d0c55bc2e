"""Exec credential plugins of the user's own kubeconfig (client.authentication.k8s.io/v1 and v1beta1).

A plugin runs without a terminal: standard input is closed, it leads its own session (so it cannot open
/dev/tty), its stderr is shown where it fails, and it is killed with its children when it takes too
long. What it prints on stdout is secret and appears nowhere else. May not be used for a kubeconfig that came
from a cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kurator_tui.api.tls import ClientPair
from kurator_tui.errors import PluginFailure
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.meta import unix

API_GROUP = "client.authentication.k8s.io/"
"""What `apiVersion` of an exec entry begins with."""
LOG_IN_HINT = (
    "Log in with the plugin's own tool, and see that `kubectl get namespaces` works with this kubeconfig."
)
STDERR_SHOWN = 600
"""Characters of a plugin's stderr that are kept: the end, where the reason is."""


class _Status(msgspec.Struct, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: str | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Issued:
    """What a plugin issued: **secret material**. `expires` is Unix seconds, None when the plugin named no time."""

    token: str | None
    pair: ClientPair | None
    expires: float | None


async def run_plugin(spec: Mapping[str, Any], cluster: Mapping[str, Any], *, timeout: float) -> Issued:
    """Run the plugin of a user entry's `exec`. Raises `PluginFailure` with the plugin's own last words."""
    command = spec.get("command")
    if not isinstance(command, str) or not command:
        raise PluginFailure("The kubeconfig's exec plugin has no command.", LOG_IN_HINT)
    if not str(spec.get("apiVersion")).startswith(API_GROUP):
        raise PluginFailure(f"The kubeconfig's exec plugin has no apiVersion of {API_GROUP}.", LOG_IN_HINT)
    if spec.get("interactiveMode") == "Always":
        raise PluginFailure(
            f"Plugin {inert(command)} wants a terminal.",
            "Log in with kubectl first, then start kurator-tui again.",
        )
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *[str(argument) for argument in spec.get("args") or ()],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(spec, cluster),
            start_new_session=True,
        )
    except OSError as error:
        why = error.strerror or type(error).__name__
    else:
        output, errors = await _finish(process, command, timeout)
        return _issued(output, errors, command, process.returncode or 0, spec)
    hint = spec.get("installHint")
    raise PluginFailure(
        f"Plugin {inert(command)} cannot be run: {why}.", inert(hint) if isinstance(hint, str) else LOG_IN_HINT
    )


async def _finish(process: asyncio.subprocess.Process, command: str, timeout: float) -> tuple[bytes, str]:
    try:
        async with asyncio.timeout(timeout):
            output, errors = await process.communicate()
    except TimeoutError:
        await _kill(process)
    except BaseException:
        await _kill(process)
        raise
    else:
        return output, _last_words(errors)
    raise PluginFailure(
        f"Plugin {inert(command)} gave no credentials within {timeout:g} s.",
        "It runs without a terminal: log in with kubectl first.",
    )


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await process.wait()


def _issued(output: bytes, errors: str, command: str, status: int, spec: Mapping[str, Any]) -> Issued:
    said = f": {errors}" if errors else "."
    if status:
        raise PluginFailure(f"Plugin {inert(command)} failed with status {status}{said}", LOG_IN_HINT)
    try:
        credential = msgspec.json.decode(output, type=_ExecCredential)
    except msgspec.DecodeError:
        credential = _ExecCredential()
    issued = credential.status
    if credential.kind != "ExecCredential" or issued is None:
        raise PluginFailure(f"Plugin {inert(command)} printed no ExecCredential{said}", LOG_IN_HINT)
    if credential.api_version != spec.get("apiVersion"):
        raise PluginFailure(
            f"Plugin {inert(command)} speaks {inert(credential.api_version)!r},"
            f" the kubeconfig asks for {inert(str(spec.get('apiVersion')))!r}.",
            "Let the plugin's own tool write the kubeconfig anew.",
        )
    pair = None
    if issued.client_certificate_data and issued.client_key_data:
        pair = ClientPair(issued.client_certificate_data.encode(), issued.client_key_data.encode())
    if not issued.token and pair is None:
        raise PluginFailure(
            f"Plugin {inert(command)} issued neither a token nor a client certificate{said}", LOG_IN_HINT
        )
    return Issued(issued.token or None, pair, unix(issued.expiration_timestamp) or None)


def _environment(spec: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, str]:
    info: dict[str, Any] = {
        "apiVersion": spec.get("apiVersion", ""),
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    if spec.get("provideClusterInfo"):
        known = (
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority-data",
            "proxy-url",
        )
        info["spec"]["cluster"] = {key: cluster[key] for key in known if key in cluster}
    env = dict(os.environ)
    for item in spec.get("env") or ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            env[item["name"]] = str(item.get("value", ""))
    env["KUBERNETES_EXEC_INFO"] = msgspec.json.encode(info).decode()
    return env


def _last_words(errors: bytes) -> str:
    text = " ".join(errors.decode("utf-8", "replace").split())
    return inert(text if len(text) <= STDERR_SHOWN else "…" + text[-STDERR_SHOWN:])
