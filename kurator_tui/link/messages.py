"""Every message that crosses between a console and its feeder, and nothing else does.

Requests go to the feeder, facts come back. All are frozen, tagged msgspec structs, named as past-tense facts or as
requests; `PROTOCOL` changes whenever one of them does. Secret material never crosses.
"""

from __future__ import annotations

import msgspec

PROTOCOL = 2


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


class Subscribed(Message, frozen=True):
    """The console wants the rows of `kind`, now and from now on, until `Unsubscribed`.

    Empty `clusters` means all. Subscribing again replaces the earlier subscription of that kind.
    """

    kind: str
    clusters: tuple[str, ...] = ()


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


class Resynced(Message, frozen=True):
    """List again: the user pressed re-sync. Empty cluster means all."""

    cluster: str = ""


class Goodbye(Message, frozen=True):
    """The console ends on purpose: no terminal needs restoring."""


# -- feeder to console ------------------------------------------------------------


class Greeted(Message, frozen=True):
    """First message of a feeder."""

    protocol: int
    version: str
    pid: int


class RowsChanged(Message, frozen=True):
    """One change set. `rows` is a msgpack array of the kind's row struct; `removed` are uids.

    With `replaced`, `rows` is everything there is; the first change set of each (kind, cluster) has it.
    """

    batch: int
    kind: str
    cluster: str
    rows: msgspec.Raw
    removed: tuple[str, ...] = ()
    replaced: bool = False


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


class Pulsed(Message, frozen=True):
    """The feeder's loop turns: sent twice a second, so that silence means something."""


class Costed(Message, frozen=True):
    """What the feeder spends, once a second while it changes."""

    streams: int = 0
    requests: int = 0
    bytes_in: int = 0


ToFeeder = Configured | Subscribed | Unsubscribed | Acknowledged | Called | Resynced | Goodbye
ToConsole = (
    Greeted
    | RowsChanged
    | FreshnessChanged
    | ClusterForgotten
    | FirstSyncDone
    | HostDescribed
    | Noticed
    | Answered
    | Costed
    | Pulsed
)
