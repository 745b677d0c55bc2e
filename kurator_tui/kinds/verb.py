"""What a verb is: one thing a user can have done to objects, as data that both sides of the link share. Pure.

The entry says how a verb is called, asked for, confirmed and undone; `kurator_tui.actions` knows how it is done.
Registry: `kinds.verbs`.
"""

from __future__ import annotations

import enum
from typing import Literal

import msgspec


class Risk(enum.StrEnum):
    """How a plan is confirmed: Enter; `y` beside the number of targets; the typed name."""

    SAFE = "safe"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"

    def raised(self) -> Risk:
        """The next one: what a protected cluster makes of it."""
        return Risk.DISRUPTIVE if self is Risk.SAFE else Risk.DESTRUCTIVE


RISKS = (Risk.SAFE, Risk.DISRUPTIVE, Risk.DESTRUCTIVE)
"""In rising order."""


ParameterKind = Literal[
    "text", "int", "bool", "choice", "cpu", "memory", "duration", "pairs", "clusters", "yaml", "fields", "map"
]
"""How an argument is typed and checked (`kinds.arguments`).

pairs       `key=value key2-`: a trailing `-` removes
clusters    names with commas between
yaml        documents, written in an editor or read from files
fields      a JSON list of fields that the review of a plan makes
map         one YAML map on one line, such as Helm values; it may hold secrets, so plans do not show it
"""


class Parameter(msgspec.Struct, frozen=True):
    """One thing a verb is told. Arguments are texts by `name`; `--name` on the command line."""

    name: str
    label: str
    kind: ParameterKind = "text"
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    help: str = ""
    field: str = ""
    """Path in the object, with dots, of what it says now: where a form begins; "" for `spec.<name>`."""


class Verb(msgspec.Struct, frozen=True):
    """One verb. `undo`, `owner` and `patch` are words for people (help, docs/actions.md)."""

    id: str
    label: str
    """One or two words, for the footer."""
    description: str
    """One line, for help and docs."""
    group: str
    risk: Risk
    kinds: tuple[str, ...] = ()
    """Ids of the kinds it is done to; empty means any object."""
    keys: tuple[str, ...] = ()
    """Default keys, named as a terminal event has them."""
    parameters: tuple[Parameter, ...] = ()
    permission: str = "patch"
    """What is asked of RBAC before it is offered: a verb, and a subresource behind a slash (`patch/scale`)."""
    many: bool = True
    """Whether it can be done to several objects in one plan."""
    targeted: bool = True
    """Whether it is done to objects at all; one that makes new ones only has no targets."""
    on_host: bool = False
    """Of one without targets: whether it is done once, on the host, by the feeder that leads."""
    patch: str = ""
    owner: str = ""
    undo: str = ""
    final: bool = False
    """Whether it cannot be taken back: an undo is refused with the words of `undo`."""

    def takes(self, kind: str) -> bool:
        """Whether objects of `kind` (an id) have it."""
        return self.targeted and (not self.kinds or kind in self.kinds)
