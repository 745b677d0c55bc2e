"""Kubeconfigs as data: found, merged, checked, and reduced to one context. May not import network code.

Two sources, two rules. The *user's own* kubeconfig (`load_kubeconfig`) may run exec plugins and name files. A
kubeconfig *out of a Secret* (`kubeconfig_from_secret`) was written by others: it is data with embedded
credentials, and anything in it that would run or read something on this machine is refused.

Messages name files, contexts and lines, never the file's text: it holds keys and tokens.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import yaml

from kurator_tui.errors import ConsoleError, CredentialError, KubeconfigError, RefusedCredential
from kurator_tui.kinds.cells import inert

Entry: TypeAlias = dict[str, Any]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER = "in-cluster"

CLUSTER_FILES = ("certificate-authority",)
USER_FILES = ("client-certificate", "client-key", "tokenFile")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader reads 500 contexts in 63 ms, the Python one in a second."""

NO_KUBECONFIG_HINT = "Point --kubeconfig or KUBECONFIG at a kubeconfig file, or try `kurator-tui demo`."
MEND_HINT = (
    "Mend the file, or point --kubeconfig or --context elsewhere; `kubectl config view` shows what it holds."
)
MEND_SECRET_HINT = (
    "Mend the Secret: it must hold a whole kubeconfig, as `kubectl config view --raw --flatten` prints it."
)


def mend_hint(error: type[ConsoleError]) -> str:
    """What to do about a mistake in a kubeconfig: the user's own file, or a Secret's (`CredentialError`)."""
    return MEND_SECRET_HINT if issubclass(error, CredentialError) else MEND_HINT


@dataclass(frozen=True, slots=True)
class ContextRef:
    """One context, with the names it refers to. `server` is "" when its cluster entry is missing."""

    name: str
    cluster: str
    user: str
    namespace: str
    server: str


Place = tuple[str, str, int, str]
"""(scheme, host, port, path) of a server."""


class Kubeconfig:
    """A parsed kubeconfig. `contexts` is in the order of the file; `current` is None when none is set.

    `error` is the class of error that a broken reference raises: `KubeconfigError` for the user's own file,
    `CredentialError` for a Secret's. The repr shows no content.
    """

    def __init__(
        self,
        clusters: Mapping[str, Entry],
        users: Mapping[str, Entry],
        contexts: Mapping[str, Entry],
        current: str | None,
        *,
        source: str,
        error: type[ConsoleError] = KubeconfigError,
    ) -> None:
        self._clusters = clusters
        self._users = users
        self._error = error
        self.source = source
        self.current = current
        self.contexts = {name: self._ref(name, entry) for name, entry in contexts.items()}

    def __repr__(self) -> str:
        return f"<Kubeconfig {self.source}: {len(self.contexts)} contexts>"

    def _ref(self, name: str, entry: Entry) -> ContextRef:
        cluster, user = _text(entry, "cluster"), _text(entry, "user")
        server = _text(self._clusters.get(cluster, {}), "server")
        return ContextRef(name, cluster, user, _text(entry, "namespace"), server)

    def select(self, context: str | None) -> ContextRef:
        """The context called `context`, or the current one.

        Raises `KubeconfigError` (or `CredentialError`) when there is none, or it refers to something missing.
        """
        name = context or self.current
        if not name:
            raise self._error(
                f"{self.source} has no current context.", f"Choose one with --context: {self._choices()}"
            )
        ref = self.contexts.get(name)
        if ref is None:
            raise self._error(f"{self.source} has no context {inert(name)!r}.", f"It has: {self._choices()}")
        if ref.cluster not in self._clusters:
            raise self._mistake(self._dangling(ref, "cluster", ref.cluster))
        if ref.user and ref.user not in self._users:
            raise self._mistake(self._dangling(ref, "user", ref.user))
        if not ref.server:
            raise self._mistake(f"Cluster {inert(ref.cluster)!r} in {self.source} has no server.")
        parts = _split(ref.server)
        if parts is None or parts[0] not in ("http", "https"):
            raise self._mistake(
                f"Cluster {inert(ref.cluster)!r} in {self.source} has a server that is no http(s) URL."
            )
        return ref

    def _mistake(self, message: str) -> ConsoleError:
        return self._error(message, mend_hint(self._error))

    def _dangling(self, ref: ContextRef, what: str, name: str) -> str:
        shown = f"{what} {inert(name)!r}" if name else f"no {what}"
        return f"Context {inert(ref.name)!r} in {self.source} refers to {shown}, which is not there."

    def _choices(self) -> str:
        names = [inert(name) for name in self.contexts]
        return ", ".join(names[:8]) + (f" … ({len(names)})" if len(names) > 8 else "") if names else "none at all"

    def for_server(self, server: str) -> ContextRef | None:
        """The first usable context whose API server is `server`; the current context wins."""
        wanted = _split(server)
        return None if wanted is None else self._by_server.get(wanted)

    @cached_property
    def _by_server(self) -> dict[Place | None, ContextRef]:
        """Usable contexts by server: asked for once a member, among as many contexts."""
        found: dict[Place | None, ContextRef] = {}
        for ref in sorted(self.contexts.values(), key=lambda ref: ref.name != self.current):
            if not ref.user or ref.user in self._users:
                found.setdefault(_split(ref.server), ref)
        return found

    def cluster(self, ref: ContextRef) -> Entry:
        """The cluster entry of a selected context (holds no secrets)."""
        return self._clusters[ref.cluster]

    def user(self, ref: ContextRef) -> Entry:
        """The user entry of a selected context: **secret material**; {} for an anonymous context."""
        return self._users.get(ref.user, {})


def load_kubeconfig(
    explicit: str | None, env: Mapping[str, str], *, service_account: Path = SERVICE_ACCOUNT
) -> Kubeconfig:
    """The user's kubeconfig: `--kubeconfig`, else `KUBECONFIG`, else ~/.kube/config, else the pod's account.

    `KUBECONFIG` is a list: the first file that defines a name, or the current context, wins, and missing files are
    passed over, as kubectl does. Relative paths in a file are relative to that file. Raises `KubeconfigError`.
    """
    if explicit is not None:
        path = Path(explicit).expanduser()
        if not path.exists():
            raise KubeconfigError(f"{inert(explicit)} does not exist.", NO_KUBECONFIG_HINT)
        return _merge([path])
    home = Path(env.get("HOME") or Path.home())
    listed = [Path(part).expanduser() for part in env.get("KUBECONFIG", "").split(os.pathsep) if part]
    paths = [path for path in listed or [home / ".kube" / "config"] if path.exists()]
    if paths:
        return _merge(paths)
    pod = _in_cluster(env, service_account)
    if pod is not None:
        return pod
    looked = ", ".join(inert(str(path)) for path in listed) or "~/.kube/config"
    raise KubeconfigError(f"No kubeconfig: {looked} does not exist.", NO_KUBECONFIG_HINT)


def kubeconfig_from_secret(data: bytes, *, source: str) -> Kubeconfig:
    """A member's kubeconfig out of a Secret; `source` names it in errors (`secret fleet/m1, key value`).

    Raises `RefusedCredential` when it holds an exec plugin, an auth provider or a file path, and
    `CredentialError` when it is not YAML, not a kubeconfig, or has no usable context.
    """
    if not _plain(data):
        raise CredentialError(
            f"{source} is not a kubeconfig: it nests deeper than any, or repeats itself by aliases.",
            MEND_SECRET_HINT,
        )
    document = _document(data, source, CredentialError)
    clusters, users, contexts = (_entries(document, kind) for kind in ("cluster", "user", "context"))
    if not clusters and not contexts:
        raise CredentialError(f"{source} is not a kubeconfig.", MEND_SECRET_HINT)
    _refuse_foreign(clusters, users, source)
    current = _text(document, "current-context") or None
    if current is None and len(contexts) == 1:
        current = next(iter(contexts))
    config = Kubeconfig(clusters, users, contexts, current, source=source, error=CredentialError)
    config.select(None)
    return config


DEEPEST = 64
"""Levels of nesting in a foreign document. A kubeconfig has 7; the C loader overflows its stack at some 10,000."""


def _plain(data: bytes) -> bool:
    """Whether a foreign document can be loaded without harm. One that is not YAML can: loading it says so."""
    depth = 0
    try:
        for event in yaml.parse(data, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
                return False
    except (yaml.YAMLError, ValueError):
        return True
    return True


def _refuse_foreign(clusters: Mapping[str, Entry], users: Mapping[str, Entry], source: str) -> None:
    hint = "Store one with embedded certificates or a token, as `kubectl config view --raw --flatten` prints it."
    for entries, forbidden in ((clusters, CLUSTER_FILES), (users, ("exec", "auth-provider", *USER_FILES))):
        for name, entry in entries.items():
            found = [key for key in forbidden if key in entry]
            if not found:
                continue
            key = found[0]
            what = "runs a program" if key in ("exec", "auth-provider") else "reads a file on this machine"
            raise RefusedCredential(f"{source}: {inert(name)!r} has `{key}`, which {what}.", hint)


def runs_or_reads(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> bool:
    """Whether a kubeconfig's entries name a program to run or a file to read."""
    forbidden = ("exec", "auth-provider", "tokenFile", "client-certificate", "client-key")
    return "certificate-authority" in cluster or any(key in user for key in forbidden)


def _merge(paths: Iterable[Path]) -> Kubeconfig:
    clusters: dict[str, Entry] = {}
    users: dict[str, Entry] = {}
    contexts: dict[str, Entry] = {}
    current, sources = None, []
    for path in paths:
        source = inert(str(path))
        document = _document(_read(path), source, KubeconfigError)
        base = path.absolute().parent
        for kind, merged in (("cluster", clusters), ("user", users), ("context", contexts)):
            for name, entry in _entries(document, kind).items():
                merged.setdefault(name, _resolved(entry, base))
        current = current or _text(document, "current-context") or None
        sources.append(source)
    return Kubeconfig(clusters, users, contexts, current, source=", ".join(sources))


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise KubeconfigError(f"{inert(str(path))} is a directory, not a kubeconfig file.", NO_KUBECONFIG_HINT)
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise KubeconfigError(f"{inert(str(path))} cannot be read: {why}.", "Check the file's owner and mode.")


def _document(data: bytes, source: str, error: type[ConsoleError]) -> Entry:
    """The YAML mapping in `data`. Only the line of a mistake is reported: its text may be a secret."""
    document, line = _parsed(data)
    if line is not None:
        raise error(f"{source} is not YAML{f' (line {line})' if line else ''}.", mend_hint(error))
    if document is None:
        raise error(f"{source} is empty.", NO_KUBECONFIG_HINT if error is KubeconfigError else mend_hint(error))
    if not isinstance(document, dict):
        raise error(f"{source} is not a kubeconfig.", mend_hint(error))
    return document


def _parsed(data: bytes) -> tuple[Any, int | None]:
    """(document, None), or (None, line of the mistake counted from 1; 0 when unknown)."""
    try:
        return yaml.load(data, Loader=_Loader), None  # noqa: S506 - CSafeLoader or SafeLoader
    except yaml.YAMLError as mistake:
        mark = getattr(mistake, "problem_mark", None)
        return None, mark.line + 1 if mark is not None else 0
    except (ValueError, RecursionError, UnicodeDecodeError):
        return None, 0


def _entries(document: Entry, kind: str) -> dict[str, Entry]:
    """{name: body} of the list `<kind>s`; entries of a wrong shape are as good as absent."""
    listed = document.get(f"{kind}s")
    found: dict[str, Entry] = {}
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            body = item.get(kind)
            found.setdefault(item["name"], body if isinstance(body, dict) else {})
    return found


def _resolved(entry: Entry, base: Path) -> Entry:
    """`entry` with the paths in it made absolute."""
    resolved = dict(entry)
    for key in (*CLUSTER_FILES, *USER_FILES):
        if isinstance(entry.get(key), str) and entry[key]:
            resolved[key] = str(base / entry[key])
    plugin = entry.get("exec")
    if isinstance(plugin, dict):
        command = _text(plugin, "command")
        if os.sep in command:
            resolved["exec"] = {**plugin, "command": str(base / command)}
    return resolved


def _in_cluster(env: Mapping[str, str], folder: Path) -> Kubeconfig | None:
    host, port = env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT")
    token, authority = folder / "token", folder / "ca.crt"
    if not host or not port or not token.exists():
        return None
    cluster = {"server": f"https://{f'[{host}]' if ':' in host else host}:{port}"}
    if authority.exists():
        cluster["certificate-authority"] = str(authority)
    context = {"cluster": IN_CLUSTER, "user": IN_CLUSTER}
    namespace = folder / "namespace"
    if namespace.exists():
        context["namespace"] = namespace.read_text().strip()
    return Kubeconfig(
        {IN_CLUSTER: cluster},
        {IN_CLUSTER: {"tokenFile": str(token)}},
        {IN_CLUSTER: context},
        IN_CLUSTER,
        source="the pod's service account",
    )


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _split(server: str) -> Place | None:
    """(scheme, host, port, path) of a server URL in one spelling; None when it is no URL."""
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return parts.scheme, host, port or (80 if parts.scheme == "http" else 443), parts.path.rstrip("/")
