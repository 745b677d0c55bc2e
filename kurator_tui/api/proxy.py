"""Which HTTP proxy leads to an API server: the kubeconfig's `proxy-url`, else the environment's, as kubectl does.

Loopback servers are never reached through the environment's proxy; `NO_PROXY` may hold names, suffixes and CIDRs.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit


def environment_proxy(server: str, env: Mapping[str, str]) -> str | None:
    """The proxy URL that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (either case) give for a server, or None."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    name = f"{parts.scheme}_proxy"
    proxy = env.get(name) or env.get(name.upper())
    if not proxy or host == "localhost":
        return None
    excluded = env.get("no_proxy") or env.get("NO_PROXY") or ""
    address = _address(host)
    if address is not None and (address.is_loopback or _in_networks(address, excluded)):
        return None
    netloc = f"{host}:{parts.port}" if parts.port else host
    if urllib.request.proxy_bypass_environment(netloc, {"no": excluded}):  # type: ignore[attr-defined]
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _in_networks(address: ipaddress.IPv4Address | ipaddress.IPv6Address, excluded: str) -> bool:
    for item in excluded.split(","):
        try:
            if address in ipaddress.ip_network(item.strip(), strict=False):
                return True
        except (ValueError, TypeError):
            continue
    return False
