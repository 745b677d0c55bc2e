"""How the API itself is extended: CustomResourceDefinition, APIService, webhooks, flow control."""

from __future__ import annotations

from kurator_tui.kinds.base import Format
from kurator_tui.kinds.judge import conditions
from kurator_tui.kinds.table import cell, table

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
)
MUTATING_WEBHOOK_CONFIGURATION = table(
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "MutatingWebhookConfiguration",
    ("v1",),
    *_WEBHOOKS,
    namespaced=False,
)

KINDS = (
    CUSTOM_RESOURCE_DEFINITION,
    API_SERVICE,
    VALIDATING_WEBHOOK_CONFIGURATION,
    MUTATING_WEBHOOK_CONFIGURATION,
)
