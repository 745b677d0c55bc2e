"""What a user may set in `settings.yaml`; every setting says what it does. Options of a command win."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from kurator_tui.config.paths import settings_file
from kurator_tui.config.reading import FileProblem, convert, read_yaml
from kurator_tui.link.access import Access


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings, with their defaults."""

    theme: str = "kurator-dark"
    """A built-in theme (kurator-dark, kurator-light, high-contrast, colour-blind) or your own in `themes/`."""

    keys: Literal["default", "k9s"] = "default"
    """Preset of the key map; `keys.yaml` changes single bindings on top of it."""

    ascii: bool = False
    """Draw with ASCII only: for terminals and fonts without box drawing and symbols."""

    wide: bool = False
    """Start with all columns shown, as `W` does."""

    faults_only: bool = False
    """Start with only what is not healthy, as `Ctrl-z` does."""

    start: Literal["fleets", "clusters", "workloads"] = "fleets"
    """The screen shown first: fleets, clusters or workloads."""

    fleet: str = ""
    """Look at this fleet only; empty means all."""

    read_only: bool = False
    """Refuse every action that writes to a cluster."""

    read_only_clusters: list[str] = []
    """Clusters that nothing is written to: names such as `prod-*`, or labels such as `tier=prod`."""

    protected: list[str] = []
    """Clusters whose changes are confirmed more strictly, by names or labels as above."""

    events_of_changes: bool = False
    """Put an Event on each object that is changed: who, from which host, by which plan."""

    cache: bool = True
    """Keep the last known rows (no secrets, no messages) in the cache directory and show them at a start."""

    history_mib: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 64
    """MiB of what was seen (no secrets, no messages) kept in the state directory to look back at; 0 for none."""

    history_hours: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 24
    """Hours after which what was seen is forgotten."""

    history_screens: bool = False
    """Read what each screen shows, open or not, so that all can be looked back at; members are watched for it."""

    mouse: bool = True
    """Take mouse clicks and the wheel; off leaves selecting text to the terminal."""

    colors: Literal["auto", "truecolor", "256", "16", "mono"] = "auto"
    """Colours sent to the terminal; auto goes by `COLORTERM`, `TERM` and `NO_COLOR`."""

    thanos: str = ""
    """URL of Thanos, for metrics and the numbers of clusters that are not read; empty looks on the host."""

    thanos_access: Access = Access()
    """How that Thanos is asked: token, user, password, ca, certificate, key, headers; secrets env:X, file:X."""

    edge_site_label: str = ""
    """Label of edge nodes that names the site of those in no NodeGroup; empty for their zone or region."""

    alarm: Literal["off", "critical", "high", "medium", "low"] = "off"
    """Ring for incidents that are new and at least this severe, unless they are put off."""

    alarm_by: Literal["bell", "osc9", "osc777"] = "bell"
    """How: the terminal's bell, or a desktop notification (OSC 9, OSC 777) where the terminal knows it."""

    bundles: str = ""
    """Folder that `Ctrl-s` on Triage writes bundles of incidents into; empty for the one it was started in."""

    bundles_as: Literal["folder", "tar"] = "folder"
    """Bundles of incidents are folders, or one compressed tar each."""

    share_inbox: Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9-]{1,63}/[a-z0-9.-]{1,253})?$")] = ""
    """`NAMESPACE/NAME` of a ConfigMap on the host, through which people share what they say of incidents."""

    max_kbps: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Kilobits a second the terminal is sent at most (40 are 5 kB/s); 0 for as fast as it reads."""

    max_memory: Annotated[int, msgspec.Meta(ge=0)] = 0
    """MiB beyond which the console gives up what it can have again; 0: by the container's limit, if any."""


def load_settings(path: Path | None = None) -> tuple[Settings, list[str]]:
    """Settings from `path` (default: the user's file), and what is wrong with it: then the defaults."""
    file = path or settings_file()
    try:
        raw = read_yaml(file)
        return (Settings() if raw is None else convert(raw, Settings, file)), []
    except FileProblem as problem:
        return Settings(), [f"{problem}; the defaults are used"]
