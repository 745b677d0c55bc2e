"""What the join of traffic needs of Istio's objects beside their columns: routes, subsets, servers, modes. Pure.

Rows keep it as plain data (`kinds.table.Parts`); `told` makes it whole again. Objects are what servers
send: every reader takes any shape and leaves out what it does not expect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from kurator_tui.kinds.meta import intern, label_pairs_of

Pairs = tuple[tuple[str, str], ...]
"""Labels or a selector of labels, sorted."""

LONGEST_MATCH = 120
"""Characters of a match in words."""


class Destination(NamedTuple):
    """Where a share of a route goes. `host` is as written; `weight` None where nothing is said."""

    host: str
    subset: str = ""
    weight: int | None = None


class Route(NamedTuple):
    """One rule of a VirtualService. `match` is in words, "" takes all; `instead` says what it does without
    destinations; `delegate` is (namespace, name) of the VirtualService that goes on, with "" for the same."""

    match: str = ""
    to: tuple[Destination, ...] = ()
    instead: str = ""
    delegate: tuple[str, str] | None = None
    mirror: str = ""


class Routes(NamedTuple):
    """What a VirtualService says. `private`: nobody outside its namespace sees it."""

    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ("mesh",)
    private: bool = False
    routes: tuple[Route, ...] = ()


class Subset(NamedTuple):
    """Pods of a host by labels; `tls` is the mode that clients use, "" for the rule's own."""

    name: str
    labels: Pairs = ()
    tls: str = ""


class Rule(NamedTuple):
    """What a DestinationRule says."""

    host: str
    tls: str = ""
    subsets: tuple[Subset, ...] = ()


class Server(NamedTuple):
    """One port of a Gateway. Hosts may begin with `namespace/`."""

    port: str
    hosts: tuple[str, ...] = ()


class Entrance(NamedTuple):
    """What a Gateway says: which pods, which ports."""

    selector: Pairs = ()
    servers: tuple[Server, ...] = ()


class Mode(NamedTuple):
    """What a PeerAuthentication says. `mode` "" inherits; `ports` are of pods."""

    selector: Pairs = ()
    mode: str = ""
    ports: Pairs = ()


def includes(labels: Pairs, wanted: Pairs) -> bool:
    """Whether `labels` hold all that is wanted; an empty selector selects nothing here."""
    return bool(wanted) and set(wanted) <= set(labels)


Said = TypeVar("Said", Routes, Rule, Entrance, Mode)


def told(found: Any, shape: type[Said]) -> Said | None:
    """What a row keeps, whole again; None where it keeps nothing."""
    return None if found is None else msgspec.convert(found, shape)


def _plain(said: NamedTuple) -> Any:
    return msgspec.json.decode(msgspec.json.encode(said))


def _maps(found: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in found or () if isinstance(each, Mapping)) if isinstance(found, list) else iter(())


def _map(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(intern(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _word(found: Any) -> str:
    return intern(found) if isinstance(found, str) else ""


# -- VirtualService ---------------------------------------------------------------------------------------------


def routes(hosts: Any, gateways: Any, export: Any, http: Any, tls: Any, tcp: Any) -> Any:
    """`Routes` of `spec.hosts`, `spec.gateways`, `spec.exportTo`, `spec.http`, `spec.tls`, `spec.tcp`."""
    found = [*map(_http, _maps(http)), *map(_stream, _maps(tls)), *map(_stream, _maps(tcp))]
    return _plain(Routes(_texts(hosts), _texts(gateways) or ("mesh",), export == ["."], tuple(found)))


def _http(rule: Mapping[str, Any]) -> Route:
    delegate = _map(rule.get("delegate"))
    through = (_word(delegate.get("namespace")), _word(delegate.get("name"))) if delegate else None
    mirror = _word(_map(_map(rule.get("mirror"))).get("host"))
    return Route(_match(rule.get("match"), _request), _to(rule), _instead(rule), through, mirror)


def _instead(rule: Mapping[str, Any]) -> str:
    if redirect := _map(rule.get("redirect")):
        place = _word(redirect.get("authority") or redirect.get("uri"))
        place = re.split(r"[?#]", place.rpartition("@")[2])[0]  # what may be secret of it is nobody's business
        return f"redirect {redirect.get('redirectCode') or 301} {place}".strip()
    if direct := _map(rule.get("directResponse")):
        return f"answers {direct.get('status', '')}".strip()
    return ""


def _stream(rule: Mapping[str, Any]) -> Route:
    return Route(_match(rule.get("match"), _connection), _to(rule))


def _to(rule: Mapping[str, Any]) -> tuple[Destination, ...]:
    found = []
    for each in _maps(rule.get("route")):
        its, weight = _map(each.get("destination")), each.get("weight")
        whole = weight if isinstance(weight, int) and not isinstance(weight, bool) else None
        found.append(Destination(_word(its.get("host")), _word(its.get("subset")), whole))
    return tuple(found)


def _match(found: Any, words: Any) -> str:
    told = [text for each in _maps(found) if (text := words(each))]
    if len(told) < len(list(_maps(found))):
        return ""  # one of the alternatives takes all
    text = " | ".join(told)
    return text if len(text) <= LONGEST_MATCH else text[: LONGEST_MATCH - 1] + "…"


def _request(match: Mapping[str, Any]) -> str:
    told = [_string("", match["uri"])] if match.get("uri") else []
    told += [_string(key, match[key]) for key in ("scheme", "method", "authority") if match.get(key)]
    for place in ("headers", "queryParams"):
        told += [_string(str(key), its) for key, its in _map(match.get(place)).items()]
    told += [f"not {_string(str(key), its)}" for key, its in _map(match.get("withoutHeaders")).items()]
    return " ".join((*told, *_of_both(match)))


def _connection(match: Mapping[str, Any]) -> str:
    hosts = ",".join(_texts(match.get("sniHosts")))
    subnets = ",".join(_texts(match.get("destinationSubnets")))
    return " ".join((*filter(None, (hosts, subnets)), *_of_both(match)))


def _of_both(match: Mapping[str, Any]) -> list[str]:
    told = [f"port {match['port']}"] if match.get("port") else []
    told += [f"from {key}={value}" for key, value in _map(match.get("sourceLabels")).items()]
    told += [f"from namespace {match['sourceNamespace']}"] if match.get("sourceNamespace") else []
    return told + [f"at {each}" for each in _texts(match.get("gateways"))]


def _string(key: str, its: Any) -> str:
    """A StringMatch: `/api*`, `x-beta=true`, `cookie~regex`, a header that has to be there at all."""
    how = _map(its)
    if "prefix" in how:
        return f"{key}={how['prefix']}*" if key else f"{how['prefix']}*"
    if "regex" in how:
        return f"{key}~{how['regex']}"
    if "exact" in how:
        return f"{key}={how['exact']}" if key else str(how["exact"])
    return key


# -- the others -------------------------------------------------------------------------------------------------


def rule(host: Any, policy: Any, subsets: Any) -> Any:
    """A `Rule` of `spec.host`, `spec.trafficPolicy.tls.mode`, `spec.subsets`."""
    found = tuple(
        Subset(
            _word(each.get("name")),
            label_pairs_of(each.get("labels")),
            _word(_map(_map(each.get("trafficPolicy")).get("tls")).get("mode")),
        )
        for each in _maps(subsets)
    )
    return _plain(Rule(_word(host), _word(policy), found))


def entrance(selector: Any, servers: Any) -> Any:
    """An `Entrance` of `spec.selector`, `spec.servers`."""
    found = tuple(
        Server(
            f"{_map(each.get('port')).get('number', '')}/{_map(each.get('port')).get('protocol', '')}",
            _texts(each.get("hosts")),
        )
        for each in _maps(servers)
    )
    return _plain(Entrance(label_pairs_of(selector), found))


def mode(selector: Any, word: Any, ports: Any) -> Any:
    """A `Mode` of `spec.selector.matchLabels`, `spec.mtls.mode`, `spec.portLevelMtls`."""
    its = _word(word)
    levels = {key: _map(each).get("mode", "") for key, each in _map(ports).items()}
    return _plain(Mode(label_pairs_of(selector), "" if its == "UNSET" else its, label_pairs_of(levels)))
