"""Where a member's credentials come from: the user's own context for that server, else the Secret Kurator names.

A Cloud credential is never taken for a kubeconfig. A kubeconfig out of a Secret is data: it runs and reads nothing
here (see `api.kubeconfig.kubeconfig_from_secret`).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from kurator_tui.api.connection import Connection
from kurator_tui.api.kubeconfig import Kubeconfig, kubeconfig_from_secret
from kurator_tui.api.paths import segment
from kurator_tui.errors import CredentialError, Forbidden, ForbiddenCredential, NotFound, RefusedCredential
from kurator_tui.fleet.membership import Member

MAY_NOT_READ_HINT = (
    "Ask for `get` on the fleet's Secrets, or put a context for this member's server into your kubeconfig."
)
METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


async def find(member: Member, host: Connection, own: Kubeconfig) -> tuple[Kubeconfig, str | None, bool, str]:
    """(kubeconfig, context, whether it is the user's own, where it came from) for `member`.

    Raises CredentialError with what to mend, or the host's own error.
    """
    try:
        secret_config, source = await _from_secret(member, host)
    except CredentialError as error:
        context = own.for_server(_url(member.endpoint)) if member.endpoint else None
        if context is None or isinstance(error, RefusedCredential):
            raise
        return own, context.name, True, f"context {context.name}"
    context = own.for_server(secret_config.select(None).server)
    if context is not None:
        return own, context.name, True, f"context {context.name}"
    return secret_config, None, False, source


def _url(endpoint: str) -> str:
    return endpoint if "://" in endpoint else f"https://{endpoint}"


async def _from_secret(member: Member, host: Connection) -> tuple[Kubeconfig, str]:
    name = member.secret or await _named_by_prefix(member, host)
    key = member.secret_key or "value"
    where = f"Secret {member.namespace}/{name}"
    try:
        answer = await host.request("GET", f"{_secrets(member)}/{segment(name, CredentialError)}")
    except NotFound as error:
        raise CredentialError(f"{where} does not exist", _hint(member)) from error
    except Forbidden as error:
        raise ForbiddenCredential(f"you may not read {where}: {error.message}", MAY_NOT_READ_HINT) from error
    data = _data(answer.body)
    if key not in data:
        have = ", ".join(sorted(data)) or "no keys"
        raise CredentialError(f"{where} has no key {key} (it has {have})", _hint(member))
    try:
        text = base64.b64decode(data[key], validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise CredentialError(f"{where}, key {key}: not base64", _hint(member)) from error
    return kubeconfig_from_secret(text, source=f"{where}, key {key}"), f"secret {name}/{key}"


def _data(body: bytes) -> dict[str, Any]:
    """The `data` of a Secret; {} where it has none."""
    obj = json.loads(body)
    data = obj.get("data") if isinstance(obj, dict) else None
    return data if isinstance(data, dict) else {}


def _secrets(member: Member) -> str:
    return f"/api/v1/namespaces/{segment(member.namespace, CredentialError)}/secrets"


async def _named_by_prefix(member: Member, host: Connection) -> str:
    """kubespray's Secret has a random suffix and is named nowhere: find it by its prefix, newest first."""
    if not member.secret_prefix:
        raise CredentialError(
            f"{member.kind} {member.namespace}/{member.object_name} names no Secret", _hint(member)
        )
    try:
        answer = await host.request("GET", _secrets(member), headers={"Accept": METADATA_LIST})
    except Forbidden as error:
        where = f"the Secrets of {member.namespace}"
        raise ForbiddenCredential(f"you may not list {where}: {error.message}", MAY_NOT_READ_HINT) from error
    found = [
        (item["metadata"].get("creationTimestamp") or "", item["metadata"]["name"])
        for item in json.loads(answer.body).get("items") or ()
        if item["metadata"]["name"].startswith(member.secret_prefix)
    ]
    if not found:
        raise CredentialError(f"no Secret {member.namespace}/{member.secret_prefix}* yet", _hint(member))
    name: str = max(found)[1]
    return name


def _hint(member: Member) -> str:
    if member.kind == "AttachedCluster":
        return "AttachedCluster.spec.kubeconfig names the Secret and its key (default: value)."
    if member.kind == "CustomCluster":
        return "kubespray writes the Secret when the cluster is provisioned."
    return "Kurator writes status.kubeconfigSecretRef once the cluster is Ready."
