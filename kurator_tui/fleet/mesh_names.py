"""Names of hosts in a mesh, as Istio reads them. Pure."""

from __future__ import annotations

CLUSTER_DOMAIN = "svc.cluster.local"
CLUSTER_SET = "clusterset"


def full(host: str, namespace: str) -> str:
    """The full name: a word without a dot is a Service beside the object that names it, all else is full."""
    return host if "." in host or host.startswith("*") else f"{host}.{namespace}.{CLUSTER_DOMAIN}"


def service(host: str) -> tuple[str, str] | None:
    """(namespace, name) of the Service that a full name means; None for any other host."""
    parts = host.split(".", 3)
    return (parts[1], parts[0]) if len(parts) > 2 and parts[2] == "svc" else None


def short(host: str) -> str:
    """What people call it: `web.shop` for a Service."""
    found = service(host)
    return f"{found[1]}.{found[0]}" if found is not None else host


def covers(pattern: str, host: str) -> bool:
    """Whether `pattern`, maybe with a `*` before its first dot or alone, means `host`."""
    return pattern in ("*", host) or (pattern.startswith("*") and host.endswith(pattern[1:]))


def placed(name: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of a reference as a VirtualService writes it: `namespace/name` or a name beside it."""
    space, _, its = name.rpartition("/")
    return (space if space and space != "." else namespace), its


def serves(pattern: str, host: str, namespace: str, own: str) -> bool:
    """Whether a server's host pattern, `namespace/host` or host, takes `host` of a route in `namespace`.

    `own` is the Gateway's namespace, which a `.` means.
    """
    space, slash, its = pattern.rpartition("/")
    if slash and space not in ("*", namespace) and not (space == "." and namespace == own):
        return False
    return covers(its, host) or covers(host, its)
