"""What may we do: SelfSubjectAccessReview, asked of the cluster that would decide."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import not_kubernetes

PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _Allowed(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Allowed


async def can_i(
    connection: Connection,
    verb: str,
    group: str,
    resource: str,
    namespace: str | None = None,
    *,
    name: str = "",
    headers: Mapping[str, str] | None = None,
    prefix: str = "",
) -> bool:
    """Whether we may `verb` a resource (`pods`, `pods/log`), in a namespace or (None) in all.

    `headers` may impersonate; `prefix` leads through a proxy to the cluster that is asked. Raises the error tree.
    """
    plural, _, subresource = resource.partition("/")
    asked = {
        "verb": verb,
        "group": group,
        "resource": plural,
        "subresource": subresource,
        "namespace": namespace or "",
        "name": name,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
    }
    response = await connection.request("POST", prefix + PATH, headers=headers, body=review)
    try:
        return msgspec.json.decode(response.body, type=_Review).status.allowed
    except msgspec.DecodeError:
        failure = not_kubernetes(connection.server, "no access review")
    raise failure
