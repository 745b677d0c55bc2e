"""A step as a request to its cluster, tested against the object that was looked at; for real or as a dry run.

Every write but the making of an object carries that test: `test` operations of a JSON Patch, `resourceVersion` and
`uid` in the body of a merge or an apply, preconditions of a delete. Where it fails, `Conflict` is raised.
"""

from __future__ import annotations

from typing import Any

from kurator_tui.actions.discretion import discreet
from kurator_tui.actions.plan import Apply, Create, Delete, Evict, JsonPatch, MergePatch, Obj, Scale, Step
from kurator_tui.api import writing
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.writing import Answer, Manner
from kurator_tui.errors import ApiError, Conflict, ConsoleError
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import locate
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which


async def send(hub: Hub, step: Step, manner: Manner) -> Answer | None:
    """What the server stores, or would store; None where nothing is left. A `Scale` answers the Scale object.

    Raises ConsoleError as `api.writing` says, without secret values.
    """
    try:
        return await _send(hub, step, manner)
    except ConsoleError as error:
        discreet(error, step)
        raise


async def _send(hub: Hub, step: Step, manner: Manner) -> Answer | None:
    target = step.target
    through, path, kind = locate(hub, Which(target.cluster, target.kind, target.namespace, target.name))
    path = _of_version(hub, target, path, getattr(step.write, "body", {}))
    connection, where = through.connection, (target.namespace or None, target.name)

    def item(subresource: str = "") -> str:
        return through.prefix + path.item(*where, subresource)

    match step.write:
        case JsonPatch(operations, subresource):
            tested = [*_tests(target), *operations]
            try:
                return await writing.patch(connection, item(subresource), tested, "json", manner)
            except ApiError as error:
                raise _as_conflict(error) from error
        case MergePatch(body, subresource):
            return await writing.patch(connection, item(subresource), _pinned(target, body), "merge", manner)
        case Apply(body, force):
            return await writing.patch(connection, item(), _pinned(target, body), "apply", manner, force=force)
        case Create(body, subresource):
            url = item(subresource) if subresource else through.prefix + path.collection(target.namespace or None)
            said = {"apiVersion": path.api_version, "kind": kind.name, **body} if not subresource else body
            return await writing.create(connection, url, said, manner)
        case Delete(propagation, grace):
            same = {"uid": target.uid, "version": target.resource_version}
            await writing.delete(connection, item(), manner, **same, propagation=propagation, grace=grace)
            return None
        case Evict(grace=grace):
            named = {"namespace": target.namespace, "name": target.name, "uid": target.uid}
            await writing.evict(connection, item("eviction"), manner, **named, grace=grace)
            return None
        case Scale(replicas):
            body = _pinned(target, {"spec": {"replicas": replicas}})
            return await writing.patch(connection, item("scale"), body, "merge", manner)


def _of_version(hub: Hub, target: Target, path: ResourcePath, body: Obj) -> ResourcePath:
    """Where the version is served that a body is written in, which need not be the one that we read."""
    served = hub.links[target.cluster].served
    for each in served.resources if served is not None and body.get("kind") == path.kind else ():
        if (each.group, each.plural, each.api_version) == (path.group, path.plural, body.get("apiVersion")):
            return each
    return path


def _tests(target: Target) -> list[dict[str, Any]]:
    tested = (("uid", target.uid), ("resourceVersion", target.resource_version))
    return [{"op": "test", "path": f"/metadata/{key}", "value": value} for key, value in tested if value]


def _pinned(target: Target, body: Obj) -> Obj:
    tested = (("uid", target.uid), ("resourceVersion", target.resource_version))
    return {**body, "metadata": {**body.get("metadata", {}), **{key: value for key, value in tested if value}}}


def _as_conflict(error: ApiError) -> ApiError:
    """A JSON Patch whose test fails is answered 422 without a cause: the object is another one by now."""
    if error.code != 422 or error.causes or error.reason not in ("Invalid", ""):
        return error
    return Conflict("The object has been changed meanwhile.", error.hint, code=422, reason=error.reason)


def stored(step: Step, before: Obj | None, answer: Obj | None) -> Obj | None:
    """The whole object after a step: of a `Scale`, whose answer is another kind, made from what it was."""
    if isinstance(step.write, Scale) and before is not None and answer is not None:
        meta = {**before.get("metadata", {}), "resourceVersion": _version(answer)}
        return {**before, "metadata": meta, "spec": {**before.get("spec", {}), "replicas": step.write.replicas}}
    if isinstance(step.write, Create) and step.write.subresource:
        return before
    return answer


def _version(obj: Obj) -> str:
    return str((obj.get("metadata") or {}).get("resourceVersion") or "")


def writes_status(step: Step) -> bool:
    """Whether it is the status that is written; kinds without that subresource have it in the object."""
    operations = step.write.operations if isinstance(step.write, JsonPatch) else ()
    within = any(str(each.get("path", "")).startswith("/status/") for each in operations)
    return within or getattr(step.write, "subresource", "") == "status"
