"""One request as the server understands it: path to resource, method to verb, body to object.

Pure; raises `StatusError` with the words of a real server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from kurator_tui.demo.apiserver import errors, protobuf
from kurator_tui.demo.apiserver.auth import User
from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType

Obj = dict[str, Any]
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})
_JSON = frozenset({"", "application/json", "*/*"})
_BODY_TYPES = ("application/json", "application/yaml")
_YAML = frozenset({"application/yaml", "text/yaml", "application/apply-patch+yaml"})


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names: `ns` '' = none given, `name` '' = the collection, `rest` = what follows `proxy/`."""

    rt: ResourceType
    ns: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request on a resource, authenticated and with its body read."""

    target: Target
    verb: str
    query: Mapping[str, str]
    user: User
    agent: str = ""
    content_type: str = ""
    accept: str = ""
    upgrade: str = ""
    """The protocol the client wants to switch to, in lower case."""
    spoken: str = ""
    """What it would speak on a websocket, the best first."""
    body: bytes = field(default=b"", repr=False)

    @property
    def rt(self) -> ResourceType:
        """The resource."""
        return self.target.rt

    @property
    def scope(self) -> str | None:
        """The namespace of a collection; None is all of them."""
        return self.target.ns or None

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored; raises 422 for a value other than All."""
        return _is_dry_run(self.query.get("dryRun"))

    @property
    def manager(self) -> str:
        """The field manager: as asked, else the client's name from its User-Agent."""
        return self.query.get("fieldManager") or self.agent.partition("/")[0] or "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """A result: HTTP code, the object, and warnings for the client."""

    code: int
    obj: Obj
    warnings: tuple[str, ...] = ()


def _is_dry_run(value: str | None) -> bool:
    if value in (None, "All"):
        return value == "All"
    cause = errors.unsupported_value("dryRun", json.dumps([value]), ("All",))
    raise errors.invalid_kind("meta.k8s.io", "CreateOptions", "", [cause])


def route(catalogue: Catalogue, path: str) -> Target | None:
    """The resource a path names, None when it names none this server has."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    ns = ""
    if rest[0] == "namespaces" and len(rest) > 2 and not (not group and _is_namespace_itself(rest)):
        ns, rest = rest[1], rest[2:]
    rt = catalogue.get(group, version, rest[0])
    if rt is None or (ns and not rt.namespaced):
        return None
    name, subresource = (*rest[1:3], "", "")[:2]
    return Target(rt, ns, name, subresource, "/".join(rest[3:]))


def _is_namespace_itself(rest: list[str]) -> bool:
    """`namespaces/<name>/status`, as against `namespaces/<name>/pods`."""
    return len(rest) == 3 and rest[2] in _NAMESPACE_SUBRESOURCES


def verb(method: str, target: Target, query: Mapping[str, str]) -> str:
    """The verb access rules speak of."""
    found = _VERBS.get(method, "")
    if found == "get" and not target.subresource:
        if query.get("watch", "").lower() in ("true", "1"):
            return "watch"
        return "get" if target.name else "list"
    if found == "delete" and not target.name:
        return "deletecollection"
    return found


class _PlainLoader(yaml.SafeLoader):
    """YAML as JSON has it: dates stay text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_document(body: bytes, content_type: str) -> Any:
    """A JSON, YAML or protobuf document; raises ValueError, and 415 for a protobuf kind not known."""
    if content_type == protobuf.MEDIA_TYPE:
        found = protobuf.decode(body)
        if found is None:
            raise errors.unsupported_media_type(_BODY_TYPES)
        return found
    if content_type in _YAML:
        try:
            return _PlainLoader(body).get_single_data()
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error
    return json.loads(body, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def decode(rt: ResourceType, body: bytes, content_type: str) -> Obj:
    """The object of a create or update, with `kind` and `apiVersion` filled in when absent."""
    if content_type not in _JSON and content_type not in _YAML and content_type != protobuf.MEDIA_TYPE:
        raise errors.unsupported_media_type(_BODY_TYPES)
    obj = _object(rt, body, content_type)
    kind, version = obj.get("kind") or rt.kind, obj.get("apiVersion") or rt.api_version
    if kind != rt.kind:
        short = f"{rt.group.partition('.')[0] or 'core'}.{rt.kind}"
        message = f'{kind} in version "{version.rpartition("/")[2]}" cannot be handled as a {rt.kind}: '
        message += f"converting ({version.replace('/', '_')}.{kind}) to ({short}): unknown conversion"
        raise errors.bad_request(message)
    if version != rt.api_version:
        message = f"the API version in the data ({version}) does not match the expected API version"
        raise errors.bad_request(f"{message} ({rt.api_version})")
    if not isinstance(obj.get("metadata") or {}, dict):
        raise errors.bad_request(f"{rt.kind} in version {version} cannot be handled: metadata is not an object")
    return {**obj, "kind": kind, "apiVersion": version, "metadata": obj.get("metadata") or {}}


def _object(rt: ResourceType, body: bytes, content_type: str) -> Obj:
    try:
        obj = parse_document(body, content_type)
    except ValueError as error:
        shown = body[:200].decode("utf-8", "replace")
        message = f"the object provided is unrecognized (must be of type {rt.kind}): couldn't get version/kind; "
        raise errors.bad_request(f"{message}json parse error: {error} ({shown})") from error
    if not isinstance(obj, dict):
        message = f"the object provided is unrecognized (must be of type {rt.kind}): couldn't get version/kind; "
        raise errors.bad_request(f"{message}json parse error: json: cannot unmarshal into Go value")
    return obj


def patch_document(body: bytes, content_type: str) -> Any:
    """The document of a patch; raises BadRequest."""
    try:
        return parse_document(body, content_type)
    except ValueError as error:
        raise errors.bad_request(f"error decoding patch: {error}") from error


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How to delete: grace in seconds (None = the object's own), cascade, preconditions."""

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    version: str = ""
    dry_run: bool = False


def delete_options(query: Mapping[str, str], document: Any) -> DeleteOptions:
    """Options of the body (a DeleteOptions object or None) or else of the query."""
    body = document if isinstance(document, dict) else {}
    grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    propagation = str(body.get("propagationPolicy") or query.get("propagationPolicy") or "")
    orphan = body.get("orphanDependents", query.get("orphanDependents"))
    if not propagation and orphan is not None:
        propagation = "Orphan" if orphan in (True, "true") else "Background"
    if propagation not in ("", "Orphan", "Background", "Foreground"):
        allowed = ("Foreground", "Background", "Orphan")
        cause = errors.unsupported_value("propagationPolicy", json.dumps(propagation), allowed)
        raise errors.invalid_kind("meta.k8s.io", "DeleteOptions", "", [cause])
    conditions = body.get("preconditions") or {}
    dry_run = _is_dry_run(next(iter(body.get("dryRun") or ()), query.get("dryRun")))
    return DeleteOptions(
        grace=int(grace) if grace is not None else None,
        propagation=propagation,
        uid=str(conditions.get("uid") or ""),
        version=str(conditions.get("resourceVersion") or ""),
        dry_run=dry_run,
    )


def read_delete_options(call: Call) -> DeleteOptions:
    """The options of a delete request; raises BadRequest for a body that is no document."""
    return delete_options(call.query, patch_document(call.body, call.content_type) if call.body.strip() else None)
