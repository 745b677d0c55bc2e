"""What happens inside containers, made up: exec, attach and port-forward on the server's side of a websocket."""

from kurator_tui.demo.apiserver.remote import ports, sessions
from kurator_tui.demo.apiserver.remote.host import Host
from kurator_tui.demo.apiserver.remote.sessions import Wire

__all__ = ["PROTOCOLS", "TUNNEL", "Host", "Wire"]

TUNNEL = ports.TUNNEL
PROTOCOLS = {"exec": sessions.PROTOCOLS, "attach": sessions.PROTOCOLS, "portforward": ports.PROTOCOLS}
"""Subresource -> the websocket protocols it speaks."""
