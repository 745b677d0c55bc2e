"""Who we are to one API server: bearer tokens, basic auth, client certificates, exec plugins, auth providers.

One class a kind of credential, each with two abilities: present itself, and renew what a 401 refused.
May not print, log or store what it holds.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from kurator_tui.api.backoff import lapse
from kurator_tui.api.kubeconfig import mend_hint
from kurator_tui.api.plugin import LOG_IN_HINT, Issued, run_plugin
from kurator_tui.api.tls import ClientPair
from kurator_tui.errors import ConsoleError, KubeconfigError, PluginFailure
from kurator_tui.kinds.cells import inert

TOKEN_FILE_PERIOD = 60.0
"""Seconds between readings of a `tokenFile`, as client-go does (a pod's token is rotated in place)."""
PLUGIN_SKEW = 5.0
"""Seconds before its expiry at which an issued credential is replaced."""
PLUGIN_AGAIN = 10.0
"""Seconds before a plugin whose fresh credential was refused, or had expired, is run again."""
PLUGIN_REST = 5.0
"""Seconds for which a plugin's failure is repeated instead of running it again for every waiting request."""

Gate = contextlib.AbstractAsyncContextManager[Any]


class Presented(NamedTuple):
    """**Secret material**: the `Authorization` header and the client certificate, None for none."""

    authorization: str | None
    pair: ClientPair | None

    def __repr__(self) -> str:
        return "<Presented>"


class Credentials(Protocol):
    """What a connection needs of any kind of credential."""

    async def current(self) -> Presented:
        """What to present now. Raises `PluginFailure`, or `KubeconfigError` for a file that is gone."""

    async def renew(self, refused: Presented) -> bool:
        """After a 401: whether there may be something else to present than what was refused."""

    async def close(self) -> None:
        """End what is under way."""


class Fixed:
    """A token, a user name with password, or a client certificate that stands in the kubeconfig itself."""

    def __init__(self, header: str | None, pair: ClientPair | None) -> None:
        self._header = header
        self._pair = pair

    async def current(self) -> Presented:
        return Presented(self._header, self._pair)

    async def renew(self, refused: Presented) -> bool:
        return False

    async def close(self) -> None:
        return


class TokenFile(Fixed):
    """A token in a file that somebody else rotates."""

    def __init__(self, path: Path, pair: ClientPair | None, lapse: Callable[[], float]) -> None:
        super().__init__(None, pair)
        self._path = path
        self._lapse = lapse
        self._read_at = float("-inf")

    async def current(self) -> Presented:
        if self._lapse() - self._read_at >= TOKEN_FILE_PERIOD:
            self._header = f"Bearer {read_file(self._path, 'token file').decode('ascii', 'replace').strip()}"
            self._read_at = self._lapse()
        return await super().current()

    async def renew(self, refused: Presented) -> bool:
        self._read_at = float("-inf")
        return (await self.current()).authorization != refused.authorization


class Plugin:
    """An exec plugin: run when its credential is missing, about to expire or refused; one at a time by `gate`."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        cluster: Mapping[str, Any],
        gate: Gate,
        *,
        timeout: float,
        now: Callable[[], float],
        lapse: Callable[[], float],
    ) -> None:
        self._spec = spec
        self._cluster = cluster
        self._gate = gate
        self._timeout = timeout
        self._now = now
        self._lapse = lapse
        self._issued: Issued | None = None
        self._issued_at = float("-inf")
        self._failed: tuple[float, PluginFailure] | None = None
        self._running: asyncio.Task[None] | None = None

    async def current(self) -> Presented:
        """What the plugin issued. A caller that stops waiting does not stop the plugin."""
        issued = self._usable()
        if issued is None:
            if self._running is None:
                self._running = asyncio.create_task(self._run())
            await asyncio.wait({self._running})
            issued = self._issued
        if issued is None:
            raise self._failure() if self._failed else PluginFailure("The credential plugin was ended.")
        return _presented(issued)

    async def renew(self, refused: Presented) -> bool:
        if self._issued is None or _presented(self._issued) != refused:
            return True
        if self._lapse() - self._issued_at < PLUGIN_AGAIN:
            return False
        self._issued = None
        return True

    async def close(self) -> None:
        if (running := self._running) is not None:
            running.cancel()
            await asyncio.wait({running})

    def _usable(self) -> Issued | None:
        """What can be presented without running the plugin; its latest failure, for a while."""
        issued, lapsed = self._issued, self._lapse()
        if issued is not None and (issued.expires is None or issued.expires - PLUGIN_SKEW > self._now()):
            return issued
        if issued is not None and lapsed - self._issued_at < PLUGIN_AGAIN:
            return issued  # it has expired already, if this machine's clock is right
        if self._failed is not None and lapsed - self._failed[0] < PLUGIN_REST:
            raise self._failure()
        return None

    def _failure(self) -> PluginFailure:
        assert self._failed is not None
        return PluginFailure(self._failed[1].message, self._failed[1].hint)

    async def _run(self) -> None:
        self._issued = None
        try:
            async with self._gate:
                issued = await run_plugin(self._spec, self._cluster, timeout=self._timeout)
        except PluginFailure as failure:
            self._failed = (self._lapse(), failure)
        except Exception as error:  # noqa: BLE001 - nobody else takes what this task raises; it must rest, too
            what = f"The kubeconfig's exec plugin cannot be used ({type(error).__name__})."
            self._failed = (self._lapse(), PluginFailure(what, LOG_IN_HINT))
        else:
            self._issued, self._failed = issued, None
            self._issued_at = self._lapse()
        finally:
            self._running = None


def _presented(issued: Issued) -> Presented:
    return Presented(f"Bearer {issued.token}" if issued.token else None, issued.pair)


def impersonation(user: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The `Impersonate-*` headers of a user entry's `as`, `as-uid`, `as-groups` and `as-user-extra`."""
    headers = []
    if isinstance(user.get("as"), str):
        headers.append(("Impersonate-User", user["as"]))
    if isinstance(user.get("as-uid"), str):
        headers.append(("Impersonate-Uid", user["as-uid"]))
    headers += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or ()]
    extra = user.get("as-user-extra")
    for key, values in extra.items() if isinstance(extra, dict) else ():
        headers += [(f"Impersonate-Extra-{key}", str(value)) for value in values or ()]
    return headers


def credentials_for(
    user: Mapping[str, Any],
    cluster: Mapping[str, Any],
    gate: Gate,
    timeout: float = 60.0,
    now: Callable[[], float] = time.time,
    lapse: Callable[[], float] = lapse,
    *,
    error: type[ConsoleError] = KubeconfigError,
) -> Credentials:
    """The credentials of a user entry. `now` is the clock for expiry, `lapse` for all that waits.

    Raises `error` for data that does not decode and files that are missing.
    """
    if isinstance(user.get("exec"), dict):
        return Plugin(user["exec"], cluster, gate, timeout=timeout, now=now, lapse=lapse)
    pair = client_pair(user, error)
    if isinstance(user.get("tokenFile"), str) and user["tokenFile"]:
        return TokenFile(Path(user["tokenFile"]), pair, lapse)
    if user.get("token"):
        return Fixed(f"Bearer {user['token']}", pair)
    if "username" in user:
        plain = f"{user['username']}:{user.get('password', '')}".encode()
        return Fixed("Basic " + base64.b64encode(plain).decode(), pair)
    return Fixed(None, pair)


def client_pair(user: Mapping[str, Any], error: type[ConsoleError]) -> ClientPair | None:
    """The client certificate and key of a user entry; data wins over files, as in kubectl."""
    certificate = material(user, "client-certificate", error)
    key = material(user, "client-key", error)
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "client-certificate" if certificate is None else "client-key"
        raise error(f"The kubeconfig's user has no {missing} to its other half.", mend_hint(error))
    return ClientPair(certificate, key)


def material(entry: Mapping[str, Any], key: str, error: type[ConsoleError]) -> bytes | None:
    """The bytes of `<key>-data` (base64) or of the file `<key>`; None when neither is given."""
    data = entry.get(f"{key}-data")
    if data:
        with contextlib.suppress(binascii.Error, ValueError, TypeError):
            return base64.b64decode(data, validate=False)
        raise error(f"The kubeconfig's {key}-data is not base64.", mend_hint(error))
    path = entry.get(key)
    return read_file(Path(path), key, error) if isinstance(path, str) and path else None


def read_file(path: Path, what: str, error: type[ConsoleError] = KubeconfigError) -> bytes:
    """A credential file's bytes, or `error` saying which file and why."""
    try:
        return path.read_bytes()
    except OSError as failure:
        why = failure.strerror or type(failure).__name__
    raise error(f"The kubeconfig's {what} {inert(str(path))} cannot be read: {why}.", mend_hint(error))
