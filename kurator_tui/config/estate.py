"""Which estate the options point at, told from names alone: the key under which its last known rows are kept.

No YAML is parsed here (a kubeconfig of 500 contexts takes longer than the first frame may); what cannot be told
for sure has no key, and so nothing is kept. The feeder says later which server it really found.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kurator_tui.link.messages import Configured

LARGEST = 32 * 2**20
"""Bytes of a kubeconfig that are looked at."""

_YAML_KEY = b"\ncurrent-context:"
_JSON_KEY = re.compile(rb'"current-context"\s*:\s*"([^"\\]*)"')
_NAME = re.compile(r"""^(?:"([^"\\]*)"|'([^']*)'|([^\s#'"&*!|>%@`{}\[\],][^#'"]*?))\s*$""")
"""A name as YAML writes it on one line: quoted, or plain without anything that could mean something else."""


def estate(configured: Configured, env: Mapping[str, str]) -> str | None:
    """A text that is the same for two starts that look at the same estate, None when that is not sure."""
    files = _kubeconfigs(configured.kubeconfig, env)
    context = configured.context
    if not files:
        where = [env.get("KUBERNETES_SERVICE_HOST", ""), env.get("KUBERNETES_SERVICE_PORT", "")]
        if configured.kubeconfig or not all(where):
            return None
    else:
        where = [str(path.absolute()) for path in files]
        context = context or _current(files) or ""
        if not context:
            return None
    told = [where, context, configured.namespace, configured.fleet, configured.members_from]
    return msgspec.json.encode(told).decode()


def _kubeconfigs(explicit: str, env: Mapping[str, str]) -> list[Path]:
    """The files kubectl would merge; those that are not there are passed over."""
    home = Path(env.get("HOME") or Path.home())
    if explicit:
        listed = [Path(explicit).expanduser()]
    else:
        listed = [Path(part).expanduser() for part in env.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [path for path in listed or [home / ".kube" / "config"] if path.exists()]


def _current(files: list[Path]) -> str | None:
    """The current context: the first file that has one wins. None when some file cannot be read that simply."""
    for path in files:
        try:
            with path.open("rb") as file:
                name = current_context(file.read(LARGEST + 1))
        except OSError:
            return None
        if name != "":
            return name
    return None


def current_context(data: bytes) -> str | None:
    """The current context that a kubeconfig names: "" for none, None when only a parser could tell."""
    if len(data) > LARGEST:
        return None
    if data.lstrip()[:1] == b"{":
        found = set(_JSON_KEY.findall(data))
        if not found:
            return "" if b"current-context" not in data else None
        return found.pop().decode(errors="replace") if len(found) == 1 else None
    text = b"\n" + data
    at = text.find(_YAML_KEY)
    if at < 0:
        return "" if b"current-context" not in data else None
    if text.find(_YAML_KEY, at + 1) >= 0:
        return None
    start = at + len(_YAML_KEY)
    end = text.find(b"\n", start)
    return _name(text[start : end if end >= 0 else None].decode(errors="replace").strip())


def _name(value: str) -> str | None:
    if value in ("", "''", '""', "null", "~"):
        return ""
    found = _NAME.match(value)
    return next((part for part in found.groups() if part is not None), None) if found else None
