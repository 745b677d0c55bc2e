"""Which HTTP client a kubeconfig's cluster entry asks for: its CA, proxy and server name, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kurator_tui.api import tls
from kurator_tui.api.credentials import material
from kurator_tui.api.failures import host_of
from kurator_tui.api.kubeconfig import mend_hint
from kurator_tui.api.proxy import environment_proxy
from kurator_tui.api.transport import Client
from kurator_tui.errors import ConsoleError


def client_maker(
    server: str,
    cluster: Mapping[str, Any],
    headers: list[tuple[str, str]],
    env: Mapping[str, str],
    error: type[ConsoleError],
) -> Callable[[tls.ClientPair | None], Client]:
    """What makes the client for a client certificate; `cluster` is a kubeconfig's cluster entry."""
    authority = material(cluster, "certificate-authority", error)
    verify = cluster.get("insecure-skip-tls-verify") is not True
    proxy = cluster.get("proxy-url") or environment_proxy(server, env)
    if proxy and not str(proxy).startswith(("http://", "https://")):
        raise error(f"The `proxy-url` of {host_of(server)} is no http or https proxy.", "SOCKS is not supported.")
    name = cluster.get("tls-server-name")

    def make(pair: tls.ClientPair | None) -> Client:
        context = None
        if server.startswith("https"):
            try:
                context = tls.context_for(authority, pair, verify=verify)
            except tls.BadMaterial as bad:
                why = str(bad)
            else:
                why = ""
            if why:
                raise error(f"The credentials for {host_of(server)} cannot be used: {why}.", mend_hint(error))
        return Client(
            server,
            context,
            tls_server_name=str(name) if name else None,
            proxy=str(proxy) if proxy else None,
            headers=headers,
        )

    return make
