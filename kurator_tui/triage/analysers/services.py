"""Services that nobody answers for, and Ingresses that lead nowhere, or that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.configuration import SECRET
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.networking import INGRESS, INGRESS_CLASS, SERVICE
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.endpoints import NEEDED, Behind, behind, owner_of, scaled_to_nothing, workload_named
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import word

EMPTY = 60.0
"""Seconds for which nobody may be ready: pods that are replaced all at once."""
SELECTS_NOTHING = 300.0
"""Seconds after which a Service should have pods."""
ISSUING = 300.0
"""Seconds after which a Secret that somebody makes, such as cert-manager, should be there."""
BALANCING = 600.0
"""Seconds after which a load balancer should have given an address."""
_CANARY = "Canary/"

NO_RELEASES = {SECRET.id: "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token"}
"""Secrets that no Ingress names are most of them, and not asked for."""

_SERVICES, _TLS, _ADDRESS = word(INGRESS, "services"), word(INGRESS, "tls"), word(INGRESS, "address")
_CLASS, _DEFAULT = word(INGRESS, "class"), word(INGRESS_CLASS, "default")


def _selector(row: ObjectRow) -> Mapping[str, Any]:
    found = part(SERVICE, row, "selector")
    return found if isinstance(found, Mapping) else {}


def _service_concerns(row: ObjectRow) -> bool:
    """One without a selector is filled by somebody else; one of a canary is empty most of the time."""
    return bool(_selector(row)) and not row.deleting and not row.owner.startswith(_CANARY)


SERVICES = Analyser(SERVICE, concerns=_service_concerns, beside=NEEDED)
BALANCERS = Analyser(SERVICE, concerns=lambda row: row.level == Level.PROGRESSING and not row.deleting)
INGRESSES = Analyser(INGRESS, concerns=lambda row: not row.deleting, beside=(SERVICE, *NEEDED))
CLASSES = Analyser(INGRESS, concerns=lambda row: not row.deleting, beside=(INGRESS_CLASS,))
ENCRYPTED = Analyser(
    INGRESS, concerns=lambda row: bool(_TLS(row)) and not row.deleting, beside=(SECRET,), fields=NO_RELEASES
)


def _marks(row: ObjectRow, service: str, found: Behind, look: Look) -> dict[str, str]:
    owner = owner_of(found, look, row.cluster, row.namespace)
    return {"service": f"{row.namespace}/{service}", "owner": owner}


@SERVICES.rule("KT1301", "nobody behind a Service is ready", Severity.HIGH, suggests=("beneath", "read.events"))
def nobody_ready(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Service has pods, and none of them is ready: whoever calls it gets no answer.

    The pods behind it (`b`) say why; this is what their users see of it. If the pods are well, compare the
    Service's target port with what their readiness probe asks.
    """
    found = behind(look, row.cluster, row.namespace, row.name)
    if found.known and not found.ready:
        why = f"0 of {found.known} endpoints ready"
        yield Seen(why, marks=_marks(row, row.name, found, look), after=EMPTY)


@SERVICES.rule("KT1302", "Service selects no pods", Severity.LOW, suggests=("read.yaml", "read.describe", "edit"))
def selects_nothing(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """No pod has the labels that a Service asks for: nobody can answer it.

    A label was mistyped or renamed on one of the two sides, or its workload has no pods; one that somebody scaled
    to nothing is not told of. Compare `spec.selector` with the labels of the pods.
    """
    found = behind(look, row.cluster, row.namespace, row.name)
    if not found.known:
        meant = _meant(row, look)
        if scaled_to_nothing(look, row.cluster, row.namespace, meant):
            return
        asked = ",".join(f"{key}={value}" for key, value in _selector(row).items())
        marks = {"service": f"{row.namespace}/{row.name}", "owner": meant}
        yield Seen(asked, marks=marks, after=SELECTS_NOTHING)


def _meant(row: ObjectRow, look: Look) -> str:
    """The workload that a Service asks for by its name: pods without an address are in no EndpointSlice."""
    named = (workload_named(look, row.cluster, row.namespace, str(value)) for value in _selector(row).values())
    return next((owner for owner in named if owner), "")


@BALANCERS.rule("KT1303", "load balancer has no address", Severity.MEDIUM, suggests=("read.events", "edit"))
def no_address(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Service of type LoadBalancer waits for its address for more than ten minutes.

    The events (`v`) hold the cloud's answer: a quota of addresses, a subnet, a permission. In a cluster without a
    cloud nothing gives addresses, unless something like MetalLB is installed.
    """
    if look.now - row.created < BALANCING:
        yield Again(row.created + BALANCING)
    else:
        yield Seen(row.reason, row.created, {"service": f"{row.namespace}/{row.name}"})


def _backends(row: ObjectRow) -> dict[str, str]:
    """Service -> the first route to it, in words."""
    found: dict[str, str] = {}
    routes: Any = part(INGRESS, row, "routes")
    for host, path, service in routes or ():
        if service:
            found.setdefault(service, f"{host or '*'}{path or '/'}")
    for service in _SERVICES(row).split(","):
        if service:
            found.setdefault(service, "*")
    return found


@INGRESSES.rule("KT1311", "Ingress leads to no Service", Severity.HIGH, suggests=("edit", "read.describe"))
def no_service(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An Ingress names a Service that does not exist in its namespace: callers get an error 503.

    The name was mistyped, or the Service was renamed or not deployed to this cluster.
    """
    for service, route in _backends(row).items():
        if look.find(SERVICE, row.cluster, row.namespace, service) is None:
            marks = {"service": f"{row.namespace}/{service}"}
            yield Seen(f"{route} → {service}", marks=marks, detail=service, after=EMPTY)


@INGRESSES.rule("KT1312", "nobody answers behind an Ingress", Severity.HIGH, suggests=("beneath", "read.events"))
def nobody_answers(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An Ingress leads to a Service without a ready endpoint: callers from outside get an error 503.

    This is where users notice; the cause is the Service's pods.
    """
    for service, route in _backends(row).items():
        known = look.find(SERVICE, row.cluster, row.namespace, service)
        if known is None or not _service_concerns(known):
            continue
        found = behind(look, row.cluster, row.namespace, service)
        if not found.ready:
            why = f"{route} → {service}: 0 of {found.known} endpoints ready"
            yield Seen(why, marks=_marks(row, service, found, look), detail=service, after=EMPTY)


@CLASSES.rule("KT1313", "Ingress has a class that is not there", Severity.HIGH, suggests=("edit", "read.describe"))
def no_class(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An Ingress names an IngressClass that this cluster does not have: no controller serves it.

    The controller is not installed here, or its class has another name in this cluster. An Ingress without a
    class, an address and a default class is probably served by nobody: that is low, since some controllers take
    these.
    """
    name = part(INGRESS, row, "class_name")
    if name:
        if look.find(INGRESS_CLASS, row.cluster, "", str(name)) is None:
            yield Seen(f"class {name} does not exist", marks={"ingressclass": str(name)}, after=EMPTY)
        return
    defaults = any(_DEFAULT(each) == "true" for each in look.all(INGRESS_CLASS, row.cluster))
    if not _CLASS(row) and not _ADDRESS(row) and not defaults:
        yield Seen("no class, no address, no default class", severity=Severity.LOW, after=BALANCING)


@ENCRYPTED.rule("KT1314", "Secret of an Ingress is missing", Severity.HIGH, suggests=("edit", "read.describe"))
def no_secret(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An Ingress names a TLS Secret that does not exist: callers get a certificate that they do not trust.

    cert-manager makes it once it could prove that the name is yours: look at its Certificate. Else the Secret was
    not brought to this cluster or namespace.
    """
    for name in _TLS(row).split(","):
        if name and look.find(SECRET, row.cluster, row.namespace, name) is None:
            marks = {"secret": f"{row.namespace}/{name}"}
            yield Seen(f"Secret {name} does not exist", marks=marks, detail=name, after=ISSUING)
