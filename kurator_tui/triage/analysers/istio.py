"""Istio: configuration that it refuses, routes that lead nowhere, clients and servers at odds about mTLS."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet import mesh_faults, mesh_names
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.istio import (
    AUTHORIZATION_POLICY,
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    SIDECAR,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.istio_parts import Destination, Mode, Routes, Rule, told
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import unwell, word

MESH = "istio-system"
"""Namespace whose policies are the whole mesh's."""
SETTLING = 60.0
"""Seconds within which objects that belong together may come one after the other."""
_PLAIN = ("DISABLE", "SIMPLE", "MUTUAL")
"""Modes of clients that do not speak the mesh's own TLS."""
_REFUSED = "Istio refuses or warns of it"

_WEIGHTS = word(VIRTUAL_SERVICE, "weights")
_HOST, _TLS = word(DESTINATION_RULE, "host"), word(DESTINATION_RULE, "tls")

ROUTES = Analyser(VIRTUAL_SERVICE, concerns=unwell)
RULES = Analyser(DESTINATION_RULE, concerns=unwell)
GATES = Analyser(GATEWAY, concerns=unwell)
ENTRIES = Analyser(SERVICE_ENTRY, concerns=unwell)
SIDECARS = Analyser(SIDECAR, concerns=unwell)
ACCESS = Analyser(AUTHORIZATION_POLICY, concerns=unwell)
TRUST = Analyser(PEER_AUTHENTICATION, concerns=unwell)
WEIGHTS = Analyser(VIRTUAL_SERVICE, concerns=lambda row: bool(_WEIGHTS(row)))
DESTINATIONS = Analyser(
    VIRTUAL_SERVICE, concerns=lambda row: not row.deleting, beside=(SERVICE, SERVICE_ENTRY, DESTINATION_RULE)
)
CLIENTS = Analyser(DESTINATION_RULE, concerns=lambda row: _TLS(row) in _PLAIN, beside=(PEER_AUTHENTICATION,))


@RULES.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
@GATES.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
@ENTRIES.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
@SIDECARS.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
@ACCESS.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
@TRUST.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
def refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Istio's own analysis says that this object is wrong, or that proxies do not take it.

    The evidence begins with Istio's code (`IST0101`: something named is not there). What is wrong is ignored:
    proxies keep what they had before, so traffic may be fine now and fail at the next restart of a proxy.
    """
    yield Seen(row.reason, severity=Severity.HIGH if row.level == Level.FAILED else None)


@ROUTES.rule("KT3301", _REFUSED, Severity.MEDIUM, suggests=("read.describe", "edit", "read.yaml"))
def refused_route(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    hosts = {host for host, _subset in _leads_to(row)}
    marks = {"host": hosts.pop()} if len(hosts) == 1 else {}  # then it is one with what that host suffers from
    yield from (each._replace(marks=marks) for each in refused(row, look) if isinstance(each, Seen))


refused_route.__doc__ = refused.__doc__


@WEIGHTS.rule("KT3302", "shares of a route do not add up", Severity.MEDIUM, suggests=("istio.shift", "edit"))
def weights(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The weights of a route's destinations are not 100 together; with a sum of zero nobody gets anything.

    Istio takes weights as shares of their sum, so 90 and 30 mean 75 % and 25 %: rarely what was meant. Somebody
    changed one of them alone. Set both in one step; never on a route that Flagger owns, which sets them itself.
    """
    said = told(part(VIRTUAL_SERVICE, row, "says"), Routes)
    for route in said.routes if said is not None else ():
        verdict = mesh_faults.weights(route)
        if verdict.level is not Level.HEALTHY:
            where = f"{route.match}: " if route.match else ""
            severity = Severity.HIGH if verdict.level is Level.FAILED else None
            yield Seen(f"{where}{verdict.reason}", severity=severity, after=SETTLING, detail=route.match)


def _leads_to(row: ObjectRow) -> dict[tuple[str, str], Destination]:
    """(host by its full name, subset) of all destinations that get something."""
    said = told(part(VIRTUAL_SERVICE, row, "says"), Routes)
    found: dict[tuple[str, str], Destination] = {}
    for route in said.routes if said is not None else ():
        for to in route.to:
            if to.host and to.weight != 0:
                found[(mesh_names.full(to.host, row.namespace), to.subset)] = to
    return found


def _known(host: str, cluster: str, look: Look) -> bool:
    """Whether there is a Service or a ServiceEntry of that name; hosts of the cluster set are not judged here."""
    if mesh_names.CLUSTER_SET in host:
        return True
    place = mesh_names.service(host)
    if place is not None and look.find(SERVICE, cluster, *place) is not None:
        return True
    return any(
        mesh_names.covers(str(pattern), host)
        for entry in look.all(SERVICE_ENTRY, cluster)
        for pattern in part(SERVICE_ENTRY, entry, "hosts") or ()
    )


@DESTINATIONS.rule(
    "KT3303", "route leads to no Service", Severity.HIGH, suggests=("edit", "read.describe", "app.sync")
)
def nowhere(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A VirtualService sends requests to a host that no Service and no ServiceEntry has: they get a 503.

    A typing error, a Service that was deleted or renamed, or a short name that is read in the VirtualService's
    own namespace. Correct the host, or bring the Service back.
    """
    for host, _subset in dict.fromkeys((host, "") for host, _subset in _leads_to(row)):
        if not _known(host, row.cluster, look):
            name = mesh_names.short(host)
            yield Seen(f"nothing is called {name}", marks={"host": host}, detail=host, after=SETTLING)


def _rules_for(host: str, cluster: str, look: Look) -> list[Rule]:
    found = []
    for row in look.all(DESTINATION_RULE, cluster):
        if mesh_names.covers(mesh_names.full(_HOST(row), row.namespace), host):
            said = told(part(DESTINATION_RULE, row, "says"), Rule)
            if said is not None:
                found.append(said)
    return found


@DESTINATIONS.rule(
    "KT3304", "route names a subset that is not defined", Severity.HIGH, suggests=("edit", "read.describe")
)
def no_subset(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A VirtualService sends requests to a subset that no DestinationRule defines: proxies answer them with 503.

    The DestinationRule was deleted or is another one's, or the subset has another name there: the evidence has
    those that are defined. Bring the DestinationRule first, the route second, always in this order.
    """
    for (host, subset), _to in _leads_to(row).items():
        if not subset or not _known(host, row.cluster, look):
            continue
        names = [each.name for rule in _rules_for(host, row.cluster, look) for each in rule.subsets]
        if subset not in names:
            its = f"{mesh_names.short(host)} has {', '.join(sorted(set(names))) or 'none'}"
            yield Seen(f"subset {subset}: {its}", marks={"host": host}, detail=f"{host}/{subset}", after=SETTLING)


@CLIENTS.rule(
    "KT3305", "clients do not speak the mTLS that is required", Severity.HIGH, suggests=("edit", "read.describe")
)
def plain_clients(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A DestinationRule tells clients not to use the mesh's mTLS, and the servers' namespace demands it: refused.

    Connections are reset, which looks like a network fault. Take the `tls` block out of the DestinationRule, or
    set `ISTIO_MUTUAL`; relaxing the PeerAuthentication to PERMISSIVE is for a move only.
    """
    said = told(part(DESTINATION_RULE, row, "says"), Rule)
    place = mesh_names.service(mesh_names.full(said.host, row.namespace)) if said is not None else None
    if place is None:
        return
    modes = {}
    for each in look.all(PEER_AUTHENTICATION, row.cluster):
        mode = told(part(PEER_AUTHENTICATION, each, "says"), Mode)
        if mode is not None and mode.mode and not mode.selector:
            modes[each.namespace] = (mode.mode, f"{each.namespace}/{each.name}")
    mode_there, whose = modes.get(place[0], modes.get(MESH, ("", "")))
    if mode_there == "STRICT":
        said_so = f"{_TLS(row)} for {place[1]}.{place[0]}, which PeerAuthentication {whose} makes STRICT"
        yield Seen(
            said_so, marks={"host": mesh_names.full(said.host, row.namespace) if said else ""}, after=SETTLING
        )
