"""How the API itself is extended: CustomResourceDefinition, APIService, webhooks, flow control."""

from __future__ import annotations

import base64
from typing import Any

from kurator_tui.kinds import x509
from kurator_tui.kinds.base import Format
from kurator_tui.kinds.judge import conditions
from kurator_tui.kinds.table import Part, Parts, cell, table

CUSTOM_RESOURCE_DEFINITION = table(
    "customresourcedefinitions.apiextensions.k8s.io",
    "CustomResourceDefinition",
    ("v1",),
    cell("kind", "spec.names.kind"),
    cell("group", "spec.group", width=40),
    cell("scope", "spec.scope"),
    cell("versions", "spec.versions[?(@.served==true)].name"),
    cell("stored", "status.storedVersions", wide=True),
    cell("short_names", "spec.names.shortNames", priority=5, wide=True),
    health=conditions("NamesAccepted", "Established", bad=("Terminating",), waiting=("Installing",)),
    short_names=("crd", "crds"),
    namespaced=False,
)

API_SERVICE = table(
    "apiservices.apiregistration.k8s.io",
    "APIService",
    ("v1",),
    cell(
        "service",
        "spec.service.namespace",
        "spec.service.name",
        read=lambda namespace, name: f"{namespace}/{name}" if name else "Local",
    ),
    cell("group", "spec.group", wide=True),
    cell("version", "spec.version", wide=True),
    cell("priority", "spec.groupPriorityMinimum", format=Format.COUNT, wide=True),
    health=conditions("Available"),
    namespaced=False,
)


def _authorities(webhooks: Any) -> list[list[Any]]:
    """Of each webhook that calls a Service: [name, Service, Unix second of its caBundle's end, whether it has
    one, failure policy]. A bundle is good as long as one of its certificates is."""
    found = []
    for each in webhooks if isinstance(webhooks, list) else ():
        client = each.get("clientConfig") or {}
        service, bundle = client.get("service") or {}, client.get("caBundle") or ""
        if not service and not bundle:
            continue
        ends = x509.pem_expiries(base64.b64decode(bundle)) if bundle else []
        target = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else client.get("url", "")
        end = max(ends) if ends else None
        found.append([each.get("name") or "", target, end, bool(bundle), each.get("failurePolicy") or "Fail"])
    return found


_TRUST: Parts = {
    "authorities": Part(("webhooks[*]",), _authorities),
    "injected": "metadata.annotations['cert-manager.io/inject-ca-from']",
}
_WEBHOOKS = (
    cell("webhooks", "webhooks[*]", format=Format.COUNT),
    cell("names", "webhooks[*].name", width=60),
    cell("on_failure", "webhooks[*].failurePolicy", read=lambda found: ",".join(dict.fromkeys(found))),
    cell("services", "webhooks[*].clientConfig.service.name", read=lambda found: ",".join(dict.fromkeys(found))),
)

VALIDATING_WEBHOOK_CONFIGURATION = table(
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration",
    ("v1",),
    *_WEBHOOKS,
    namespaced=False,
    parts=_TRUST,
)
MUTATING_WEBHOOK_CONFIGURATION = table(
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "MutatingWebhookConfiguration",
    ("v1",),
    *_WEBHOOKS,
    namespaced=False,
    parts=_TRUST,
)

KINDS = (
    CUSTOM_RESOURCE_DEFINITION,
    API_SERVICE,
    VALIDATING_WEBHOOK_CONFIGURATION,
    MUTATING_WEBHOOK_CONFIGURATION,
)
