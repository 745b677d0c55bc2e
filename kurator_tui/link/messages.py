"""Every message that crosses between a console and its feeder, and nothing else does.

Requests go to the feeder, facts come back. All are frozen, tagged msgspec structs, named as past-tense facts or as
requests; `PROTOCOL` changes whenever one of them does. Secret material never crosses.
"""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import Key
from kurator_tui.link.access import Access

PROTOCOL = 14


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of all messages; the tag is the class name."""


# -- console to feeder ------------------------------------------------------------


class Configured(Message, frozen=True):
    """First message of a console: what to connect to. Empty strings mean the default.

    `tty` and `termios` let the feeder restore the terminal when its console is killed (see feeder.guard).
    """

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    fleet: str = ""
    members_from: str = "kurator"
    """`kurator` or `contexts`."""
    read_only: bool = False
    tty: str = ""
    termios: bytes = b""
    log_file: str = ""
    """Absolute path of the log that the feeder appends to; "" for none."""
    shard: int = 0
    """Which of the feeders this one is; the first one alone speaks of the host and of fleets."""
    shards: int = 0
    """How many feeders share the members; 0 lets the first one decide (see `Divided`)."""
    through: str = "auto"
    """`direct`, `karmada`, or `auto`: whether members are read one by one or through karmada-search."""
    thanos: str = ""
    """URL of Thanos (without credentials); "" looks for the one that Kurator installs on the host."""
    thanos_access: Access = Access()
    """Where its credentials are: references, never secrets."""
    state_dir: str = ""
    """Absolute path of the folder of the audit; "" for none: then nothing is written to any cluster."""
    protected: tuple[str, ...] = ()
    """Clusters whose changes are confirmed more strictly: names (`prod-*`) or labels (`tier=prod`)."""
    read_only_clusters: tuple[str, ...] = ()
    """Clusters that nothing is written to; patterns as of `protected`."""
    as_user: str = ""
    """Whom writes are made as, "" for ourselves."""
    as_groups: tuple[str, ...] = ()
    events: bool = False
    """Whether each object that is changed gets an Event that says so."""
    edge_site_label: str = ""
    """Label of edge nodes that names the site of those in no group; "" for their zone or region."""
    share_inbox: str = ""
    """`NAMESPACE/NAME` of the ConfigMap on the host by which people share their inbox; "" for none."""


class Subscribed(Message, frozen=True):
    """The console wants the rows of `kind`, now and from now on, until `Unsubscribed`.

    Empty `clusters` means all. Subscribing again replaces the earlier subscription of that kind: only what is new
    in it is sent. `namespaces` are those that are looked at, watched one by one where a cluster refuses them all
    together.
    """

    kind: str
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


class Defined(Message, frozen=True):
    """A kind that nobody wrote a file for, before the console subscribes to it.

    `definition` is JSON of a `kinds.generic.Definition`; both processes make the same kind of it.
    """

    definition: bytes


class Arranged(Message, frozen=True):
    """The columns that users added to kinds, all of them: what was told before holds no more.

    `arrangements` is JSON of `kinds.arranging.Arrangements`; a kind among them may be defined later.
    """

    arrangements: bytes


class Silenced(Message, frozen=True):
    """Findings that the user does not want to hear of, all of them: what was told before holds no more.

    `silences` is JSON of `kinds.silences.Silences`.
    """

    silences: bytes


class Unsubscribed(Message, frozen=True):
    kind: str


class Acknowledged(Message, frozen=True):
    """The console applied all batches up to `batch`: the feeder may send more (backpressure)."""

    batch: int


class Called(Message, frozen=True):
    """A question that gets exactly one `Answered` with the same `call`.

    Methods: `get_object` (cluster, kind, namespace, name; data = YAML text, secrets masked), `check` (no
    arguments; data = JSON list of findings), `host_failure` (no arguments; the error that keeps the host from
    being connected, or empty data).
    """

    call: int
    method: str
    arguments: dict[str, str] = {}


class StreamOpened(Message, frozen=True):
    """The console wants a stream of bytes: `feeder.streams.STREAMS` lists the methods and what their bytes are.

    `stream` is a number never used before. Exactly one `StreamEnded` answers it, whatever happens.
    """

    stream: int
    method: str
    arguments: dict[str, str] = {}


class StreamFed(Message, frozen=True):
    """Bytes for an open stream (what the user types); where there is none any more they are dropped."""

    stream: int
    data: bytes


class StreamClosed(Message, frozen=True):
    """The console is done with a stream. Its `StreamEnded` still comes."""

    stream: int


class Resynced(Message, frozen=True):
    """List again: the user pressed re-sync. Empty cluster means all."""

    cluster: str = ""


class Paced(Message, frozen=True):
    """Seconds between two batches of rows: more while nobody looks, or while the terminal is slow."""

    interval: float


class Joined(Message, frozen=True):
    """To the first of several feeders: what another one found out about its clusters, for fleets and incidents.

    `rows` is a msgpack array of rows of `kind`: `kinds.overview.ClusterOverview` or `kinds.findings.FindingRow`;
    `removed` are (cluster, uid) of rows that are gone, `gone` are clusters that left.
    """

    rows: msgspec.Raw
    gone: tuple[str, ...] = ()
    kind: str = "clusters"
    removed: tuple[tuple[str, str], ...] = ()


class Goodbye(Message, frozen=True):
    """The console ends on purpose: no terminal needs restoring."""


# -- feeder to console ------------------------------------------------------------


class Greeted(Message, frozen=True):
    """First message of a feeder."""

    protocol: int
    version: str
    pid: int


class RowsChanged(Message, frozen=True):
    """Changes of one kind over any clusters. `rows` is a msgpack array of the kind's row struct.

    A replacement of a cluster's rows `begins` before the rows of this message and `completes` after them, between
    the two may lie many messages; the first one of each (kind, cluster) begins one.
    """

    batch: int
    kind: str
    rows: msgspec.Raw
    removed: tuple[Key, ...] = ()
    begins: tuple[str, ...] = ()
    completes: tuple[str, ...] = ()


class FreshnessChanged(Message, frozen=True):
    """State of (cluster, kind); `kind` "" is the cluster itself. `state` is a `store.freshness.State` value."""

    cluster: str
    kind: str
    state: str
    since: float
    reason: str = ""


class ClusterForgotten(Message, frozen=True):
    """A member left: its rows are to be dropped."""

    cluster: str


class FirstSyncDone(Message, frozen=True):
    """Everything subscribed so far is as complete as can be: each cluster is live or has a reason.

    Sent again after a new subscription, and when the host answers again.
    """


class HostDescribed(Message, frozen=True):
    """What the feeder is connected to: for the status line."""

    context: str
    server: str
    kurator: bool
    """Whether the host serves Kurator's kinds."""


class Noticed(Message, frozen=True):
    """Something worth a toast or, when `fatal`, a full-screen error. `title`, `message`, `hint` as in errors."""

    title: str
    message: str
    hint: str = ""
    level: str = "warning"
    fatal: bool = False
    exit_code: int = 1


class Answered(Message, frozen=True):
    """Answer to a `Called`: `data`, or an error's title, message and hint."""

    call: int
    data: str = ""
    title: str = ""
    message: str = ""
    hint: str = ""
    exit_code: int = 1


class StreamFlowed(Message, frozen=True):
    """Bytes of an open stream, in order. So many may be unacknowledged (`link.streams.WINDOW`)."""

    stream: int
    data: bytes


class StreamEnded(Message, frozen=True):
    """The last word about a stream: `data` as its method says, or an error's title, message and hint."""

    stream: int
    data: str = ""
    title: str = ""
    message: str = ""
    hint: str = ""
    exit_code: int = 1


class Pulsed(Message, frozen=True):
    """The feeder's loop turns: sent twice a second, so that silence means something."""


class Divided(Message, frozen=True):
    """The fleet is too large for one feeder: this one keeps its part, the console starts the others."""

    shards: int


class Costed(Message, frozen=True):
    """What the feeder spends, once a second while it changes: `streams`, `memory` now, the rest since it began."""

    streams: int = 0
    requests: int = 0
    bytes_in: int = 0
    """Bytes of answers, after decompression."""
    events: int = 0
    """States of objects that came in lists and watches."""
    memory: int = 0
    """Resident bytes."""
    feeders: int = 1


# -- both ways --------------------------------------------------------------------


class StreamAcknowledged(Message, frozen=True):
    """The receiver of a stream's messages has handled `count` of them since it was opened (backpressure)."""

    stream: int
    count: int


ToFeeder = (
    Configured
    | Defined
    | Arranged
    | Silenced
    | Subscribed
    | Unsubscribed
    | Acknowledged
    | Called
    | StreamOpened
    | StreamFed
    | StreamAcknowledged
    | StreamClosed
    | Resynced
    | Paced
    | Joined
    | Goodbye
)
ToConsole = (
    Greeted
    | RowsChanged
    | FreshnessChanged
    | ClusterForgotten
    | FirstSyncDone
    | HostDescribed
    | Noticed
    | Answered
    | StreamFlowed
    | StreamAcknowledged
    | StreamEnded
    | Costed
    | Divided
    | Pulsed
)
