"""Who is asked before something is written: the webhook configurations of what is installed, with their bundles.

A bundle is a certificate whose times were set to the demo's clock afterwards: whoever reads it finds its end,
nothing here verifies its signature.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kurator_tui.demo.world.site import DAY, Site

Obj = dict[str, Any]

_API = "admissionregistration.k8s.io/v1"
_TEMPLATE = base64.b64decode(
    "MIIBPjCB8aADAgECAhROnxzib+4ZWv9OSasNZzlIwcMz5jAFBgMrZXAwFTETMBEGA1UEAwwKd2ViaG9vay1jYTAeFw0yNjExMjEy"
    "MTAzNTNaFw0zNjExMTgyMTAzNTNaMBUxEzARBgNVBAMMCndlYmhvb2stY2EwKjAFBgMrZXADIQDSwqtzY1zpUs/o2/1hvmeF58TV"
    "Fm1ssVBQbp9CvbFRuqNTMFEwHQYDVR0OBBYEFKi1ThnMoCaNKeipbcUPJUpoAg5ZMB8GA1UdIwQYMBaAFKi1ThnMoCaNKeipbcUP"
    "JUpoAg5ZMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAjlL7e5/JsiRj4Lq9L27+IOldVTjxr1o0E4YsVmhDEM6xcwn63Yxu8b7l"
    "aoaPfObXv8g5HbN7OoVDTr6liRz2CQ=="
)
"""CN=webhook-ca, Ed25519, self-signed."""
_BEGINS, _ENDS = b"261121210353Z", b"361118210353Z"
_LONG = 3650 * DAY
_SOON = 20.5 * DAY


class _Guard(NamedTuple):
    """The webhook of one system: which Service it is, and what it is asked about."""

    namespace: str
    service: str
    validating: str
    """Name of its configurations; "" for none."""
    mutating: str
    webhook: str
    group: str
    resources: tuple[str, ...]
    injected: bool = False
    """Whether cert-manager puts the bundle in."""


_GUARDS = (
    _Guard(
        *("cert-manager", "cert-manager-webhook", "cert-manager-webhook", "cert-manager-webhook"),
        *("webhook.cert-manager.io", "cert-manager.io"),
        resources=("certificates", "issuers"),
        injected=True,
    ),
    _Guard(
        *("kurator-system", "kurator-cluster-operator", "kurator-cluster-operator-validating-webhook", ""),
        *("cluster.kurator.dev", "cluster.kurator.dev"),
        resources=("clusters", "attachedclusters"),
        injected=True,
    ),
    _Guard(
        *("kurator-system", "kurator-fleet-manager", "kurator-fleet-manager-validating-webhook"),
        *("kurator-fleet-manager-mutating-webhook", "applications.apps.kurator.dev", "apps.kurator.dev"),
        resources=("applications",),
        injected=True,
    ),
    _Guard(
        *("kyverno", "kyverno-admission-controller", "kyverno-resource-validating-webhook-cfg"),
        *("kyverno-resource-mutating-webhook-cfg", "svc-fail.kyverno.svc", "*"),
        resources=("*/*",),
    ),
    _Guard(
        *("istio-system", "istiod", "istio-validator-istio-system", "istio-sidecar-injector"),
        *("rev.validation.istio.io", "networking.istio.io"),
        resources=("*",),
    ),
    _Guard(
        *("volcano-system", "volcano-admission", "volcano-admission-service-jobs-validate"),
        *("volcano-admission-service-jobs-mutate", "validatejob.volcano.sh", "batch.volcano.sh"),
        resources=("jobs",),
    ),
)
_OWN_AUTHORITY = ("on-prem", "istio-system")
"""Here somebody brought an authority, and nobody renews it."""


def objects(site: Site) -> Iterator[Obj]:
    """The configurations of every webhook whose Service is in the cluster."""
    site = site.apart("admission")
    for guard in _GUARDS:
        if site.find("services", guard.namespace, guard.service) is None:
            continue
        lasts = _SOON if (site.name, guard.namespace) == _OWN_AUTHORITY else _LONG
        for kind, name in (
            ("ValidatingWebhookConfiguration", guard.validating),
            ("MutatingWebhookConfiguration", guard.mutating),
        ):
            if name:
                yield _configuration(site, guard, kind, name, lasts)


def certificate(begins: str, ends: str) -> str:
    """A certificate for these two times (Kubernetes `Time`), as PEM."""
    der = _TEMPLATE.replace(_BEGINS, _utc_time(begins)).replace(_ENDS, _utc_time(ends))
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


def _utc_time(stamp: str) -> bytes:
    """As certificates write a time before 2050 (RFC 5280 §4.1.2.5.1)."""
    return datetime.fromisoformat(stamp).astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode()


def _configuration(site: Site, guard: _Guard, kind: str, name: str, lasts: float) -> Obj:
    pem = certificate(site.stamp(100 * DAY), site.stamp(-lasts))
    service = {"namespace": guard.namespace, "name": guard.service, "path": "/validate", "port": 443}
    operations = {"operations": ["CREATE", "UPDATE"], "apiVersions": ["*"], "scope": "*"}
    webhook = {
        "name": guard.webhook,
        "clientConfig": {"service": service, "caBundle": base64.b64encode(pem.encode()).decode()},
        "rules": [{**operations, "apiGroups": [guard.group], "resources": list(guard.resources)}],
        "failurePolicy": "Ignore" if guard.group == "*" else "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "sideEffects": "None",
        "timeoutSeconds": 10,
        "admissionReviewVersions": ["v1"],
    }
    if kind.startswith("Mutating"):
        webhook["reinvocationPolicy"] = "Never"
    annotations = {"cert-manager.io/inject-ca-from": f"{guard.namespace}/{guard.service}-cert"}
    meta = {"annotations": annotations} if guard.injected else None
    return site.make(_API, kind, name, age=100 * DAY, meta=meta, webhooks=[webhook])
