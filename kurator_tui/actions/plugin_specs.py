"""What a plugin of a Fleet says after a change, and what of it Kurator would get wrong. Pure.

An empty argument leaves what is there, `-` takes it away. Where all fields of a block must be said together, they
are; what Kurator's controller cannot do raises UsageError.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.fleets import BUILT
from kurator_tui.actions.plan import Arguments, Obj
from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.documents import documents
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, text

GONE = "-"
_CHART = ("repository", "name", "version")
_MANGLED = re.compile(r"['\"<>&+]")
_SECRET = re.compile(r"passw|secret|token|credential|accesskey|apikey", re.IGNORECASE)


def built(name: str, now: Obj, arguments: Arguments) -> Obj:
    """The spec of plugin `name` after the change; `now` is {} where it is off. Raises UsageError."""
    return _BUILDERS[name](now, arguments)


# -- parts that several plugins have ----------------------------------------------------------------------------


def _set(spec: Obj, path: tuple[str, ...], said: Any) -> None:
    """Put `said` at `path`: "" leaves it, `-` removes it."""
    if said == "":
        return
    *way, last = path
    for key in way:
        inner = spec.get(key)
        spec[key] = dict(inner) if isinstance(inner, Mapping) else {}
        spec = spec[key]
    if said == GONE:
        spec.pop(last, None)
    else:
        spec[last] = said


def _need(spec: Obj, path: tuple[str, ...], name: str, why: str) -> None:
    if not text(at(spec, *path)):
        raise UsageError(f"{name} is needed: {why}")


def _chart(said: str) -> Any:
    """Kurator replaces the three fields of a chart together: one that is not said would be blank."""
    if said in ("", GONE):
        return said
    given = {key: value for key, _, value in (each.partition("=") for each in said.split())}
    if set(given) != set(_CHART) or not all(given.values()):
        raise UsageError("a chart is repository=URL name=NAME version=VERSION, all three", "A blank stays blank.")
    return {key: given[key] for key in _CHART}


def _values(said: str) -> Any:
    if said.strip() in ("", GONE):
        return said.strip()
    found = documents(said)
    if len(found) != 1:
        raise UsageError("Helm values are one YAML map, such as {replicaCount: 2}")
    return found[0].obj


def _extras(spec: Obj, arguments: Arguments, *way: str, values: str = "values", chart: str = "chart") -> Obj:
    _set(spec, (*way, "extraArgs"), _values(arguments[values]))
    _set(spec, (*way, "chart"), _chart(arguments[chart]))
    return spec


# -- plugins ----------------------------------------------------------------------------------------------------


def _metric(now: Obj, arguments: Arguments) -> Obj:
    spec: Obj = dict(now) or {"thanos": {}, "prometheus": {}}
    secret = ("thanos", "objectStoreConfig", "secretName")
    _set(spec, secret, arguments["secret"])
    _extras(spec, arguments, "thanos", values="thanos-values", chart="thanos-chart")
    _extras(spec, arguments, "prometheus", values="prometheus-values", chart="prometheus-chart")
    _need(spec, secret, "secret", "Thanos keeps the fleet's metrics in an object store")
    return spec


def _grafana(now: Obj, arguments: Arguments) -> Obj:
    return _extras(dict(now), arguments)


def _kyverno(now: Obj, arguments: Arguments) -> Obj:
    spec = _extras(dict(now), arguments)
    if arguments["standard"] == "none":
        if arguments["severity"] or arguments["action"]:
            raise UsageError("without policies there is neither severity nor action")
        spec.pop("podSecurity", None)
        return spec
    _set(spec, ("podSecurity", "standard"), arguments["standard"])
    _set(spec, ("podSecurity", "severity"), arguments["severity"])
    _set(spec, ("podSecurity", "validationFailureAction"), arguments["action"])
    return spec


def _backup(now: Obj, arguments: Arguments) -> Obj:
    spec = _extras(dict(now), arguments)
    for name in ("bucket", "provider", "endpoint", "region"):
        _set(spec, ("storage", "location", name), arguments[name])
    _set(spec, ("storage", "secretName"), arguments["secret"])
    for name in ("bucket", "provider", "endpoint"):
        _need(spec, ("storage", "location", name), name, "Velero must know where backups go")
    _need(spec, ("storage", "secretName"), "secret", "Velero must have keys for the object store")
    provider = text(at(spec, "storage", "location", "provider"))
    if provider not in BUILT:
        raise UsageError(
            f"Kurator does not implement backups to {inert(provider)}", f"It can be {', '.join(BUILT)}."
        )
    if "://" not in text(at(spec, "storage", "location", "endpoint")):
        raise UsageError("endpoint is a URL, such as https://s3.eu-west-1.amazonaws.com")
    return spec


def _storage(now: Obj, arguments: Arguments) -> Obj:
    spec = _extras(dict(now), arguments)
    spec["storage"] = dict(mapping(spec.get("storage")))
    path = arguments["path"]
    if path not in ("", GONE) and not re.fullmatch(r"/\S+", path):
        raise UsageError("path is that of a directory of each node, such as /var/lib/rook")
    _set(spec, ("storage", "dataDirHostPath"), path)
    if (monitors := arguments["monitors"]) and int(monitors) % 2 == 0:
        raise UsageError(f"{monitors} monitors cannot decide: an odd number is needed")
    for name, key in (("monitors", "monitor"), ("managers", "manager")):
        _set(spec, ("storage", key, "count"), int(arguments[name]) if arguments[name] else "")
    nodes = arguments["nodes"]
    if nodes and nodes != GONE:
        _set(spec, ("storage", "storage", "useAllNodes"), nodes == "all")
        _set(
            spec,
            ("storage", "storage", "nodes"),
            GONE if nodes == "all" else _named(nodes, at(now, "storage", "storage", "nodes")),
        )
    devices = arguments["devices"]
    _set(
        spec,
        ("storage", "storage", "devices"),
        devices if devices in ("", GONE) else _named(devices, at(now, "storage", "storage", "devices")),
    )
    return spec


def _named(names: str, now: object) -> list[Object]:
    """Items of these names; one that is there already keeps what else it says."""
    known = {text(each.get("name")): each for each in mappings(now)}
    return [known.get(name, {"name": name}) for name in names.split()]


def _flagger(now: Obj, arguments: Arguments) -> Obj:
    spec = _extras(dict(now), arguments)
    _set(spec, ("trafficRoutingProvider",), arguments["provider"])
    if arguments["testloader"]:
        spec["publicTestloader"] = arguments["testloader"] == "yes"
    _extras(spec, arguments, "config", values="provider-values", chart="provider-chart")
    provider = text(spec.get("trafficRoutingProvider"))
    if provider not in ("istio", "kuma", "nginx"):
        raise UsageError("provider is needed: istio, kuma or nginx", "Kurator checks it nowhere.")
    if provider == "istio" and mapping(spec.get("config")):
        raise UsageError("istio is not installed by Kurator: values and a chart of the provider say nothing")
    return spec


def _submariner(now: Obj, arguments: Arguments) -> Obj:
    spec = _extras(dict(now), arguments)
    _set(spec, ("brokerCluster",), arguments["broker"])
    for name, key in (("pods", "clusterCidrs"), ("services", "serviceCidrs"), ("global", "globalcidrs")):
        ranges = dict(mapping(spec.get(key)))
        for member, said in pairs(arguments[name]).items():
            if said is None:
                ranges.pop(member, None)
            else:
                ranges[member] = str(_network(member, said))
        if ranges or key != "globalcidrs":
            spec[key] = ranges
        else:
            spec.pop(key, None)
    return spec


def _network(member: str, said: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(said)
    except ValueError:
        raise UsageError(f"{inert(said)} of {inert(member)} is no CIDR, such as 10.0.0.0/16") from None


_BUILDERS = {
    "metric": _metric,
    "grafana": _grafana,
    "kyverno": _kyverno,
    "backup": _backup,
    "storage": _storage,
    "flagger": _flagger,
    "submariner": _submariner,
}


def unconnected(spec: Object, members: list[str]) -> str:
    """Why Submariner cannot connect `members`, "" where it can."""
    for name, key in (("pods", "clusterCidrs"), ("services", "serviceCidrs")):
        if missing := [member for member in members if member not in mapping(spec.get(key))]:
            return f"{name} of {', '.join(missing)} are needed: member=CIDR"
    own = mapping(spec.get("globalcidrs"))
    if own and (missing := [member for member in members if member not in own]):
        return f"global of {', '.join(missing)} is needed: once one member has one, each must"
    used = [own] if own else [mapping(spec.get("clusterCidrs")), mapping(spec.get("serviceCidrs"))]
    ranges = [(member, _network(member, str(block[member]))) for block in used for member in members]
    for number, (member, one) in enumerate(ranges):
        for other, another in ranges[number + 1 :]:
            if one.version == another.version and one.overlaps(another):
                hint = "" if own else ": say global ones, each its own"
                return f"{one} of {member} overlaps {another} of {other}{hint}"
    return ""


# -- values that Kurator gets wrong -----------------------------------------------------------------------------


def doubts(said: object) -> Iterator[str]:
    """What is to be known of Helm values before they are written."""
    leaves = list(_leaves(said, ()))
    if lost := [way for way, value in leaves if value in (False, 0, "")]:
        yield f"false, 0 and empty values may be replaced by the chart's defaults in Kurator: {_few(lost)}"
    mangled = [way for way, value in leaves if isinstance(value, str) and _MANGLED.search(value)]
    if mangled:
        yield f"Kurator's template may garble quotes, <, >, & and +: compare the HelmRelease: {_few(mangled)}"
    if open_ := [way for way, value in leaves if isinstance(value, str) and value and _SECRET.search(way)]:
        yield f"whoever may read the Fleet or the audit reads it: {_few(open_)}; a chart may take a Secret's name"


def _leaves(value: object, way: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*way, str(key)))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*way, str(number)))
    else:
        yield inert(".".join(way)), value


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
