"""From a request on a path to its reply: paths that are no resource, reads, writes, logs and watches.

Knows no HTTP library: it takes a `Request` and gives a `Reply` or a `Streamed`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from kurator_tui.demo.apiserver import (
    auth,
    calls,
    definitions,
    discovery,
    errors,
    fields,
    forms,
    listing,
    logs,
    openapi,
    remote,
    watching,
)
from kurator_tui.demo.apiserver.auth import Authenticator, User
from kurator_tui.demo.apiserver.calls import Answer, Call, Target
from kurator_tui.demo.apiserver.changes import Obj, encode
from kurator_tui.demo.apiserver.deletion import Deletion
from kurator_tui.demo.apiserver.pipeline import Pipeline
from kurator_tui.demo.apiserver.scaling import Scaling
from kurator_tui.demo.apiserver.serviceproxy import ServiceProxy
from kurator_tui.demo.apiserver.storage import Storage

JSON = "application/json"
KARMADA = "cluster.karmada.io"
TEXT = "text/plain; charset=utf-8"
_CHECKS = (
    "ping",
    "log",
    "etcd",
    "etcd-readiness",
    "informer-sync",
    "poststarthook/rbac/bootstrap-roles",
    "shutdown",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the HTTP layer took from the wire; `body` is never shown in logs."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    certificate_name: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    code: int
    body: bytes
    content_type: str = JSON
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Computed:
    """A whole answer that takes a while to make; other requests go on meanwhile."""

    make: Callable[[], tuple[int, bytes, str]]
    """(status, body, content type); called in another thread."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that goes on; `watch` streams are lines of JSON."""

    chunks: AsyncGenerator[bytes, None]
    content_type: str
    watch: bool


@dataclass(frozen=True, slots=True)
class Switched:
    """An answer that goes on as a websocket speaking one of `protocols`; `talk` ends it by returning."""

    protocols: tuple[str, ...]
    talk: Callable[[remote.Wire], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A request that Karmada's proxy hands over to the member `cluster`, in the name of `user`."""

    cluster: str
    request: Request
    user: User


def failure(error: errors.StatusError) -> Reply:
    """The reply of a failed request."""
    headers = dict(error.headers)
    retry_after = (error.details or {}).get("retryAfterSeconds")
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    return Reply(error.code, encode(error.body()), headers=headers)


class Dispatcher:
    """Answers requests on one cluster; `address` is its host:port, known once it listens."""

    def __init__(self, storage: Storage, users: Authenticator) -> None:
        self._storage = storage
        self._catalogue = storage.catalogue
        self._users = users
        self._pipeline = Pipeline(storage)
        self._deletion = Deletion(storage)
        self._scaling = Scaling(storage)
        self._document = lru_cache(maxsize=None)(self._render_document)
        self.proxy = ServiceProxy(storage)
        self.address = ""
        self.version = discovery.VERSION

    def handle(self, request: Request) -> Reply | Computed | Streamed | Switched | Forwarded:
        """Answer a request; raises StatusError."""
        return self.answer(request, self._users.user(request.headers, request.certificate_name))

    def answer(self, request: Request, user: User) -> Reply | Computed | Streamed | Switched | Forwarded:
        """Answer a request of a user who is known; raises StatusError."""
        target = calls.route(self._catalogue, request.path)
        if target is None:
            return self._plain_path(request, user)
        call = Call(
            target=target,
            verb=calls.verb(request.method, target, request.query),
            query=request.query,
            user=user,
            agent=request.headers.get("User-Agent", ""),
            content_type=request.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            accept=request.headers.get("Accept", ""),
            upgrade=request.headers.get("Upgrade", "").lower(),
            spoken=request.headers.get("Sec-WebSocket-Protocol", ""),
            body=request.body,
        )
        auth.authorize(user, call.verb, target.rt, target.ns, target.name, target.subresource)
        if target.subresource == "proxy" and target.rt.group == KARMADA:
            return Forwarded(target.name, replace(request, path=f"/{target.rest}"), user)
        return self._resource(call)

    # -- paths that are no resource

    def _plain_path(self, request: Request, user: User) -> Reply:
        path = "/" + request.path.strip("/")
        verb = calls.verb(request.method, Target(self._catalogue.all()[0], name="-"), {}) or "get"
        if not user.may_url(verb, path):
            raise errors.forbidden_path(user.name, verb, path)
        accept = request.headers.get("Accept", "")
        if path in ("/api", "/apis") and "APIGroupDiscoveryList" in accept and "v=v2;" in accept + ";":
            return Reply(200, self._document(path + "#aggregated"), discovery.AGGREGATED)
        if path in ("/healthz", "/livez", "/readyz"):
            return Reply(200, _health(path[1:], verbose="verbose" in request.query), TEXT)
        body = self._document(path)
        kind = TEXT if path == "/openapi/v3" else JSON
        return Reply(200, body, kind) if body else Reply(404, b"404 page not found\n", TEXT)

    def _render_document(self, path: str) -> bytes:
        """The body of a discovery or OpenAPI path; b'' when there is none."""
        catalogue = self._catalogue
        fixed: dict[str, Callable[[], Obj]] = {
            "/api": lambda: discovery.core_versions(self.address),
            "/apis": lambda: discovery.group_list(catalogue),
            "/api#aggregated": lambda: discovery.aggregated(catalogue, core=True),
            "/apis#aggregated": lambda: discovery.aggregated(catalogue, core=False),
            "/version": lambda: self.version,
            "/openapi/v3": lambda: openapi.index(catalogue),
        }
        if path in fixed:
            return encode(fixed[path]())
        found: Obj | None = None
        match path[1:].split("/"):
            case ["api", version]:
                found = discovery.resource_list(catalogue, "", version)
            case ["apis", group]:
                found = discovery.group(catalogue, group)
            case ["apis", group, version]:
                found = discovery.resource_list(catalogue, group, version)
            case ["openapi", "v3", "api", version]:
                found = self._openapi("", version)
            case ["openapi", "v3", "apis", group, version]:
                found = self._openapi(group, version)
        return encode(found) if found else b""

    def _openapi(self, group: str, version: str) -> Obj | None:
        try:
            return openapi.group_document(self._catalogue, group, version)
        except KeyError:
            return None

    # -- resources

    def _resource(self, call: Call) -> Reply | Computed | Streamed | Switched:
        target = call.target
        if target.subresource:
            return self._subresource(call)
        if call.verb not in call.rt.verbs:
            raise errors.method_not_allowed()
        if call.rt.virtual:
            return self._review(call)
        if call.verb == "list":
            page = listing.select(self._storage, call.rt, call.scope, call.query)
            body = forms.many(self._view(call), call.rt, page.entries, page.metadata, self._storage.clock())
            return Reply(200, body)
        if call.verb == "watch":
            return self._watch(call)
        if call.verb == "get":
            obj = self._storage.stored(call.rt, target.ns, target.name)
            view = self._view(call)
            whole = view.form is forms.Form.OBJECT
            return Reply(200, obj.raw if whole else forms.one(view, call.rt, obj.obj, self._storage.clock()))
        return self._answered(call, self._defined(call) if definitions.defines(call.rt) else self._write(call))

    def _defined(self, call: Call) -> Answer:
        """A write of a CustomResourceDefinition: what is served changes with it."""
        before = {entry.key[1]: entry.obj for entry in self._storage.entries(call.rt)}
        if call.verb == "create":
            definitions.check(call.rt, calls.decode(call.rt, call.body, call.content_type))
        answer = self._write(call)
        after = {entry.key[1]: entry.obj for entry in self._storage.entries(call.rt)}
        for name in before.keys() - after.keys():
            definitions.retire(self._storage, before[name])
        for name, obj in after.items():
            if before.get(name, {}).get("spec") != obj["spec"]:
                definitions.serve(self._storage, call.rt, name)
        self._document.cache_clear()
        return answer

    def _write(self, call: Call) -> Answer:
        writers: dict[str, Callable[[Call], Answer]] = {
            "update": self._pipeline.update,
            "patch": self._pipeline.patch,
            "delete": self._deletion.delete,
            "deletecollection": self._deletion.delete_collection,
        }
        if call.verb == "create":
            if call.target.name:
                raise errors.method_not_allowed()
            return self._pipeline.create(call)
        if not call.target.name and call.verb != "deletecollection":
            raise errors.method_not_allowed()
        return writers[call.verb](call)

    def _answered(self, call: Call, answer: Answer) -> Reply:
        view = self._view(call)
        if answer.obj.get("kind") != call.rt.kind:
            view = forms.View()
        body = forms.one(view, call.rt, answer.obj, self._storage.clock())
        return Reply(answer.code, body, warnings=answer.warnings)

    def _view(self, call: Call) -> forms.View:
        return forms.negotiate(call.accept, call.query.get("includeObject", ""))

    def _review(self, call: Call) -> Reply:
        body = calls.decode(call.rt, call.body, call.content_type)
        now = self._storage.now()
        found = auth.review(call.rt, body, call.user, self._users, now)
        if found.get("spec"):
            posted = {key: value for key, value in found.items() if key != "status"}
            tracked = fields.track_update(
                None, posted, manager=call.manager, operation="Update", api_version=call.rt.api_version, now=now
            )
            found = {**found, "metadata": tracked["metadata"]}
        return Reply(201, encode(found))

    def _watch(self, call: Call) -> Streamed:
        request = watching.parse(call.rt, call.scope, call.target.name, call.query, self._view(call))
        watch = watching.Watch(self._storage, request, self._storage.clock)
        return Streamed(watch.lines(), JSON, watch=True)

    # -- subresources

    def _subresource(self, call: Call) -> Reply | Computed | Streamed | Switched:
        name, rt = call.target.subresource, call.rt
        if name not in rt.subresources:
            return Reply(404, b"404 page not found\n", TEXT)
        if call.verb not in discovery.subresource_verbs(rt, name):
            raise errors.method_not_allowed()
        if name == "log":
            return self._log(call)
        if name == "proxy":
            told = self.proxy.answer(call)
            return Computed(told) if callable(told) else Reply(*told)
        if name in ("exec", "attach", "portforward"):
            return self._remote(call)
        return Reply(*self._subresource_answer(call))

    def _subresource_answer(self, call: Call) -> tuple[int, bytes]:
        name, target = call.target.subresource, call.target
        if name == "scale":
            by_verb = {"get": self._scaling.get, "update": self._scaling.update, "patch": self._scaling.patch}
            answer = by_verb[call.verb](call)
        elif name == "eviction":
            answer = self._deletion.evict(call)
        elif call.verb == "get":
            answer = Answer(200, self._storage.get(call.rt, target.ns, target.name))
        elif call.verb == "patch":
            answer = self._pipeline.patch(call)
        else:
            answer = self._pipeline.update(call)
        return answer.code, encode(answer.obj)

    def _log_source(self, call: Call, query: Mapping[str, str]) -> logs.LogSource:
        pod = self._storage.get(call.rt, call.target.ns, call.target.name)
        nodes = self._catalogue.by_plural("nodes")
        node = (pod.get("spec") or {}).get("nodeName") or ""
        return logs.source(pod, call.rt, query, self._storage.find(nodes, "", node) is not None)

    def _remote(self, call: Call) -> Switched:
        """Exec, attach or port-forward, for who may create them: since 1.35 a right to get is not enough."""
        target = call.target
        auth.authorize(call.user, "create", call.rt, target.ns, target.name, target.subresource)
        pod = self._storage.get(call.rt, target.ns, target.name)
        nodes = self._catalogue.by_plural("nodes")
        node = str((pod.get("spec") or {}).get("nodeName") or "")
        host = remote.Host(self._storage, call.rt, self._storage.find(nodes, "", node) is not None)
        talk = host.talk(pod, target.subresource, call.query, tunnel=call.spoken.startswith(remote.TUNNEL))
        if call.upgrade != "websocket":
            raise errors.bad_request("Upgrade request required")
        return Switched(remote.PROTOCOLS[target.subresource], talk)

    def _log(self, call: Call) -> Streamed:
        source = self._log_source(call, call.query)
        uid = self._storage.get(call.rt, call.target.ns, call.target.name)["metadata"]["uid"]

        def alive() -> float:
            pod = self._storage.find(call.rt, call.target.ns, call.target.name)
            same = pod if pod is not None and pod["metadata"]["uid"] == uid else None
            return logs.ended_at(same, source, call.query.get("container", ""), self._storage.clock())

        return Streamed(logs.follow(source, call.query, self._storage.clock, alive), "text/plain", watch=False)


def _health(name: str, *, verbose: bool) -> bytes:
    if not verbose:
        return b"ok"
    return "".join(f"[+]{check} ok\n" for check in _CHECKS).encode() + f"{name} check passed\n".encode()
