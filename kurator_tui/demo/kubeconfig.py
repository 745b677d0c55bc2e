"""The kubeconfig a demo leaves for its users: a private file in memory-backed storage, gone when the demo ends."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kurator_tui.demo.world.kurator import Access

Obj = dict[str, Any]

_PREFIX = "kurator-tui-demo-"


@dataclass(frozen=True, slots=True)
class Context:
    """One context: its name, its cluster's name, and how that is reached."""

    name: str
    cluster: str
    access: Access


def document(contexts: Iterable[Context]) -> Obj:
    """A kubeconfig with these contexts; the first one is current."""
    found = list(contexts)
    servers = {each.cluster: each.access.cluster_entry() for each in found}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": found[0].name if found else "",
        "clusters": [{"name": name, "cluster": entry} for name, entry in servers.items()],
        "users": [{"name": each.name, "user": {"token": each.access.token}} for each in found],
        "contexts": [
            {"name": each.name, "context": {"cluster": each.cluster, "user": each.name}} for each in found
        ],
    }


def runtime_directory() -> Path:
    """Where private short-lived files go: memory-backed where there is such a place."""
    for place in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108
        if place and os.path.isdir(place) and os.access(place, os.W_OK):
            return Path(place)
    return Path(tempfile.gettempdir())


class PrivateFile:
    """A 0600 file in a 0700 directory of its own; `remove` takes both away and may be called twice.

    Directories of earlier owners that are dead (killed without a chance to clean up) are removed as well.
    """

    def __init__(self, name: str, text: str, base: Path | None = None) -> None:
        base = base or runtime_directory()
        _sweep(base)
        self._directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
        self.path = self._directory / name
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)

    def remove(self) -> None:
        """Delete the file and its directory."""
        shutil.rmtree(self._directory, ignore_errors=True)


def write(contexts: Iterable[Context], base: Path | None = None) -> PrivateFile:
    """Write these contexts as a private kubeconfig (JSON, which is YAML)."""
    return PrivateFile("kubeconfig", json.dumps(document(contexts), indent=1) + "\n", base)


def _sweep(base: Path) -> None:
    """Remove our directories whose owner process is gone."""
    for found in base.glob(f"{_PREFIX}*"):
        owner = found.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(OSError):
            if owner.isdigit() and found.stat().st_uid == os.getuid() and not _alive(int(owner)):
                shutil.rmtree(found, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
