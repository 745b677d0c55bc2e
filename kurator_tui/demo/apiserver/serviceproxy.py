"""The `proxy` subresource of Services: requests that a server hands over to what runs behind a Service.

Only what was added answers; everything else has no endpoints.  Only GET is handed over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from multidict import MultiDict, MultiMapping

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.calls import Call
from kurator_tui.demo.apiserver.storage import Storage

Told = tuple[int, bytes, str]
"""HTTP status, body, content type."""
Backend = Callable[[str, MultiMapping[str]], Told | Callable[[], Told]]
"""`(path, parameters)` → the answer, or what makes it in another thread because that takes a while."""


@dataclass(frozen=True, slots=True)
class _Address:
    """`[scheme:]name[:port]` as a path names it."""

    name: str
    port: str


class ServiceProxy:
    """What can be reached through one server."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._backends: dict[tuple[str, str], tuple[int, Backend]] = {}

    def add(self, namespace: str, service: str, port: int, backend: Backend) -> None:
        """Have `backend` answer behind this Service, as long as the Service is there."""
        self._backends[namespace, service] = (port, backend)

    def answer(self, call: Call) -> Told | Callable[[], Told]:
        """What the backend says; raises StatusError 404 without the object, else 503."""
        address = _address(call.target.name)
        found = self._storage.get(call.rt, call.target.ns, address.name)
        port, backend = self._backends.get((call.target.ns, address.name), (0, None))
        names = {"", str(port), *(str(each.get("name")) for each in (found.get("spec") or {}).get("ports") or ())}
        if backend is None or call.rt.plural != "services" or address.port not in names or call.verb != "get":
            message = f'no endpoints available for {call.rt.singular} "{address.name}"'
            raise errors.StatusError(503, "ServiceUnavailable", message)
        return backend("/" + call.target.rest, _multiple(call.query))


def _address(text: str) -> _Address:
    parts = text.split(":")
    if len(parts) == 3:
        return _Address(parts[1], parts[2])
    return _Address(parts[0], parts[1] if len(parts) == 2 else "")


def _multiple(query: Mapping[str, str]) -> MultiMapping[str]:
    return query if isinstance(query, MultiMapping) else MultiDict(query)
