"""Errors an API server answers with, worded as kube-apiserver words them.

Every function raises nothing and returns a `StatusError`; the caller raises it.  The HTTP layer turns it into
a `Status` object.  Wording follows k8s.io/apimachinery `api/errors`.
"""

from typing import Any, TypedDict

from kurator_tui.demo.apiserver.resources import ResourceType

Details = dict[str, Any]


class Cause(TypedDict, total=False):
    """One entry of `details.causes`; `field` is a dotted path such as `spec.replicas`."""

    reason: str
    message: str
    field: str


class StatusError(Exception):
    """A failed request: HTTP code, machine-readable reason ('' = none), message and details (None = absent)."""

    def __init__(self, code: int, reason: str, message: str, details: Details | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """The `Status` object, keys in the order a real server writes them."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


def required(field: str, message: str = "") -> Cause:
    """The cause 'Required value'; `message` adds what is missing."""
    text = f"Required value: {message}" if message else "Required value"
    return {"reason": "FieldValueRequired", "message": text, "field": field}


def invalid_value(field: str, value: str, why: str) -> Cause:
    """The cause 'Invalid value'; `value` is already written as JSON (`"a"`, `-1`, `{...}`)."""
    return {"reason": "FieldValueInvalid", "message": f"Invalid value: {value}: {why}", "field": field}


def unsupported_value(field: str, value: str, supported: tuple[str, ...]) -> Cause:
    """The cause 'Unsupported value'; `value` is already written as JSON."""
    choices = ", ".join(f'"{choice}"' for choice in supported)
    text = f"Unsupported value: {value}: supported values: {choices}"
    return {"reason": "FieldValueNotSupported", "message": text, "field": field}


def type_invalid(field: str, value: str, why: str) -> Cause:
    """The cause of a value of the wrong JSON type."""
    return {"reason": "FieldValueTypeInvalid", "message": f"Invalid value: {value}: {why}", "field": field}


def resource_details(rt: ResourceType, name: str = "", **extra: Any) -> Details:
    """`details` naming a resource: name, group, kind (the plural), each left out when empty."""
    details: Details = {"name": name, "group": rt.group, "kind": rt.plural}
    return {key: value for key, value in details.items() if value} | extra


def not_found(rt: ResourceType, name: str) -> StatusError:
    """404: no such object."""
    message = f'{rt.group_resource} "{name}" not found'
    return StatusError(404, "NotFound", message, resource_details(rt, name))


def resource_not_found() -> StatusError:
    """404: the server does not serve this resource at all."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(rt: ResourceType, name: str) -> StatusError:
    """409: create of an existing name."""
    message = f'{rt.group_resource} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, resource_details(rt, name))


def conflict(rt: ResourceType, name: str, why: str = "") -> StatusError:
    """409: the resourceVersion is not the latest one."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {rt.group_resource} "{name}": {why}'
    return StatusError(409, "Conflict", message, resource_details(rt, name))


def precondition_failed(rt: ResourceType, name: str, what: str, asked: str, found: str) -> StatusError:
    """409: `what` ('UID' or 'ResourceVersion') of a delete's precondition does not match (names the kind)."""
    why = f"the {what} in the precondition ({asked}) does not match the {what} in record ({found}). "
    why += "The object might have been " + ("deleted and then recreated" if what == "UID" else "modified")
    message = f'Operation cannot be fulfilled on {rt.group_kind} "{name}": {why}'
    details = resource_details(rt, name)
    details["kind"] = rt.kind
    return StatusError(409, "Conflict", message, details)


def apply_conflict(conflicts: list[tuple[str, str]]) -> StatusError:
    """409: server-side apply would take fields from other managers.

    `conflicts` are (manager as worded, field path such as `.spec.replicas`), grouped by manager in the message.
    """
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": path}
        for manager, path in conflicts
    ]
    if len(conflicts) == 1:
        text = f"conflict with {conflicts[0][0]}: {conflicts[0][1]}"
    else:
        managers = sorted({manager for manager, _ in conflicts})
        blocks = []
        for manager in managers:
            paths = "".join(f"\n- {path}" for owner, path in conflicts if owner == manager)
            blocks.append(f"conflicts with {manager}:{paths}")
        text = "\n".join(blocks)
    plural = "s" if len(conflicts) != 1 else ""
    message = f"Apply failed with {len(conflicts)} conflict{plural}: {text}"
    return StatusError(409, "Conflict", message, {"causes": causes})


def _invalid(group_kind: str, details: Details, name: str, causes: list[Cause]) -> StatusError:
    """422 for any kind, also option kinds that are not resources."""
    parts = [
        f"{cause['field']}: {cause['message']}" if cause.get("field") else cause["message"] for cause in causes
    ]
    text = parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"
    message = f'{group_kind} "{name}" is invalid: {text}'
    return StatusError(422, "Invalid", message, {**details, "causes": list(causes)})


def invalid(rt: ResourceType, name: str, causes: list[Cause]) -> StatusError:
    """422: the object breaks its schema or rules; one cause a field."""
    details = {"name": name, "group": rt.group, "kind": rt.kind}
    return _invalid(rt.group_kind, {key: value for key, value in details.items() if value}, name, causes)


def invalid_kind(group: str, kind: str, name: str, causes: list[Cause]) -> StatusError:
    """422 for a kind without storage, such as `Scale` of `autoscaling` or `PatchOptions` of `meta.k8s.io`."""
    details = {"name": name, "group": group, "kind": kind}
    return _invalid(f"{kind}.{group}", {key: value for key, value in details.items() if value}, name, causes)


def rejected() -> StatusError:
    """422 without a cause: a JSON Patch whose path or test fails."""
    return StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def forbidden(user: str, verb: str, rt: ResourceType, ns: str, name: str, subresource: str = "") -> StatusError:
    """403: the user lacks the right; names the user, verb, resource, group and scope."""
    resource = f"{rt.plural}/{subresource}" if subresource else rt.plural
    scope = f'in the namespace "{ns}"' if ns else "at the cluster scope"
    target = f'{rt.group_resource} "{name}"' if name else rt.group_resource
    message = f'{target} is forbidden: User "{user}" cannot {verb} resource "{resource}"'
    message += f' in API group "{rt.group}" {scope}'
    return StatusError(403, "Forbidden", message, resource_details(rt, name))


def forbidden_path(user: str, verb: str, path: str) -> StatusError:
    """403 on a path that is no resource, such as /metrics."""
    return StatusError(403, "Forbidden", f'forbidden: User "{user}" cannot {verb} path "{path}"', {})


def forbidden_impersonation(user: str, resource: str, target: str) -> StatusError:
    """403: the user may not act as `target`."""
    message = f'{resource} "{target}" is forbidden: User "{user}" cannot impersonate resource "{resource}"'
    message += ' in API group "" at the cluster scope'
    return StatusError(403, "Forbidden", message, {"name": target, "kind": resource})


def namespace_terminating(rt: ResourceType, name: str, ns: str) -> StatusError:
    """403: nothing new in a namespace that is going away."""
    message = f'{rt.group_resource} "{name}" is forbidden: unable to create new content in namespace {ns}'
    message += " because it is being terminated"
    why = f"namespace {ns} is being terminated"
    cause = {"reason": "NamespaceTerminating", "message": why, "field": "metadata.namespace"}
    return StatusError(403, "Forbidden", message, resource_details(rt, name, causes=[cause]))


def unauthorized() -> StatusError:
    """401: no such credential."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def expired(message: str = "The resourceVersion for the provided watch is too old.") -> StatusError:
    """410: the history before this resourceVersion or continue token is gone; list again."""
    return StatusError(410, "Expired", message)


def too_old(asked: int, oldest: int) -> StatusError:
    """410 of a watch that starts before the kept history."""
    return expired(f"too old resource version: {asked} ({oldest})")


def unsupported_media_type(accepted: tuple[str, ...] = ()) -> StatusError:
    """415: with `accepted` the text of custom resources, without it that of built-in ones."""
    if not accepted:
        return StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    message = "the body of the request was in an unknown format - accepted media types include: "
    return StatusError(415, "UnsupportedMediaType", message + ", ".join(accepted))


def method_not_allowed() -> StatusError:
    """405: the resource does not have this verb."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def too_many_requests(message: str, retry_after: int, causes: list[Cause] | None = None) -> StatusError:
    """429 with Retry-After in seconds; an eviction carries the cause `DisruptionBudget`."""
    details: Details = {"causes": causes} if causes else {}
    details["retryAfterSeconds"] = retry_after
    error = StatusError(429, "TooManyRequests", message, details)
    error.headers["Retry-After"] = str(retry_after)
    return error


def too_large_version(asked: int, current: int) -> StatusError:
    """504: a resourceVersion this server has not reached."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return StatusError(504, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1})


def timeout(message: str, retry_after: int = 1) -> StatusError:
    """504."""
    return StatusError(504, "Timeout", f"Timeout: {message}", {"retryAfterSeconds": retry_after})


def internal(message: str) -> StatusError:
    """500."""
    text = f"Internal error occurred: {message}"
    return StatusError(500, "InternalError", text, {"causes": [{"message": message}]})
