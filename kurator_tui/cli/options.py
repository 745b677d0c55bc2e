"""The options that say which estate a command looks at: accepted before and after the command's name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from typing import Any

import click

from kurator_tui.config.paths import state_dir
from kurator_tui.errors import UsageError
from kurator_tui.link.access import Access
from kurator_tui.link.messages import Configured


@dataclass(frozen=True, slots=True)
class Options:
    """Global options of the command line. Empty strings mean the default."""

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    fleet: str = ""
    members_from: str = "kurator"
    read_only: bool = False
    no_cache: bool = False
    feeders: int = 0
    through: str = "auto"
    thanos: str = ""
    thanos_access: Access = field(default_factory=Access)
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    read_only_clusters: tuple[str, ...] = ()
    events_of_changes: bool = False
    """Whether each object that is changed gets an Event that says so."""
    edge_site_label: str = ""
    share_inbox: str = ""
    theme: str = ""
    log_file: str = ""
    colors: str = ""
    max_kbps: int | None = None
    max_memory: int | None = None
    demo: bool = False
    members: int = 6
    scenario: str = "default"
    seed: int = 1
    speed: float = 1.0
    game: tuple[Mapping[str, Any], ...] = ()
    """What a game day brings, as the demo told."""

    def configured(self, tty: str = "", termios: bytes = b"") -> Configured:
        """The feeder's first message for these options."""
        return Configured(
            kubeconfig=self.kubeconfig,
            context=self.context,
            namespace=self.namespace,
            fleet=self.fleet,
            members_from=self.members_from,
            read_only=self.read_only,
            tty=tty,
            termios=termios,
            log_file=os.path.abspath(self.log_file) if self.log_file else "",
            shards=self.feeders,
            through=self.through,
            thanos=self.thanos,
            thanos_access=self.thanos_access,
            state_dir=str(state_dir()),
            protected=self.protected,
            read_only_clusters=self.read_only_clusters,
            as_user=self.as_user,
            as_groups=self.as_groups,
            events=self.events_of_changes,
            edge_site_label=self.edge_site_label,
            share_inbox=self.share_inbox,
        )


SCENARIOS = (
    "default",
    "calm",
    "outage",
    "edge-outage",
    "throttled",
    "broken",
    "release",
    "join-leave",
    "bad-image",
    "policy-enforce",
    "backup-failing",
    "queue-starvation",
    "upgrade",
    "thanos-hole",
    "game-day",
    "frozen",
    "hostile",
)
"""Names of the demo's scenarios (kurator_tui.demo.world.scenarios)."""


def _finite(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and value != value:  # not a number: no range refuses it
        raise click.BadParameter("nan is no speed")
    return value


def _plain_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An http(s) URL without credentials: other processes of this machine can read them here."""
    if value and (not value.startswith(("http://", "https://")) or "@" in value):
        raise click.BadParameter("an http:// or https:// URL without user and password is needed")
    return value


_DECLARED: tuple[Callable[[Any], Any], ...] = (
    click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file [default: $KUBECONFIG, ~/.kube/config]"),
    click.option("--context", help="Context of the host cluster [default: the current one]"),
    click.option("-n", "--namespace", help="Only Kurator objects of this namespace."),
    click.option("--fleet", help="Only this fleet and its members."),
    click.option(
        "--members-from",
        type=click.Choice(["kurator", "contexts"]),
        help="Take the members from Kurator's fleets (default), or every context of the kubeconfig.",
    ),
    click.option("--read-only", is_flag=True, default=None, help="No action that writes is available."),
    click.option(
        "--no-cache", is_flag=True, default=None, help="Neither show nor keep the rows of the last session."
    ),
    click.option("--theme", help="Colour theme."),
    click.option(
        "--feeders",
        type=click.IntRange(1, 64),
        help="Processes that share the members [default: as many as the fleet needs]",
    ),
    click.option(
        "--colors",
        type=click.Choice(["auto", "truecolor", "256", "16", "mono"]),
        help="Colours the terminal is sent [default: what it says it can show]",
    ),
    click.option(
        "--max-kbps",
        metavar="N",
        type=click.IntRange(0),
        help="Send the terminal at most N kilobits a second (40 are 5 kB/s); 0: no limit.",
    ),
    click.option(
        "--max-memory",
        metavar="MIB",
        type=click.IntRange(16),
        help="Memory beyond which the console gives up caches [default: its share of the container's limit]",
    ),
    click.option(
        "--through",
        type=click.Choice(["auto", "direct", "karmada"]),
        help="Read members one by one, or through the fleet's karmada-search [default: as the size demands]",
    ),
    click.option(
        "--thanos",
        metavar="URL",
        callback=_plain_url,
        help="Thanos to ask for numbers of members that are not read [default: Kurator's own on the host]",
    ),
    click.option("--as", "as_user", metavar="USER", help="Make changes as another user."),
    click.option(
        "--as-group",
        "as_groups",
        metavar="GROUP",
        multiple=True,
        callback=lambda _context, _parameter, groups: groups or None,
        help="… of this group; can be repeated.",
    ),
    click.option("--log-file", metavar="FILE", help="Write a log (no secrets) to FILE."),
    click.option("--demo", is_flag=True, default=None, help="Run on a demo estate of its own."),
    click.option("--members", type=click.IntRange(0, 2000), help="Member clusters of the demo [default: 6]"),
    click.option("--scenario", type=click.Choice(SCENARIOS), help="What happens in the demo [default: default]"),
    click.option("--seed", type=int, help="The same seed makes the same demo [default: 1]"),
    click.option(
        "--speed",
        type=click.FloatRange(0, 100, min_open=True),
        callback=_finite,
        help="How fast the demo's clock runs [default: 1]",
    ),
)

_NAMES = tuple(field.name for field in fields(Options))


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all target options and call it with one `Options`, merged over those before its name."""

    @wraps(function)
    def merged(**values: Any) -> Any:
        given = {name: values.pop(name) for name in _NAMES if name in values}
        context = click.get_current_context()
        before: Options = context.obj or Options()
        options = replace(before, **{name: value for name, value in given.items() if value is not None})
        context.obj = options
        if options.log_file != before.log_file or not context.parent:
            from kurator_tui.logs import configure

            configure(options.log_file)
        return function(options, **values)

    for option in reversed(_DECLARED):
        merged = option(merged)
    return merged


@contextmanager
def target(options: Options, *, aloud: bool = True) -> Iterator[Options]:
    """Options that point at a running estate: with `--demo`, at one that lives as long as the block.

    Where its Thanos is the settings may say, but of no demo; `aloud` tells on stderr what is wrong with them.
    """
    if options.as_groups and not options.as_user:
        raise UsageError("--as-group belongs to --as", "Say --as USER, too: groups alone change nothing.")
    if not options.demo:
        plain = Options()
        for name in ("members", "scenario", "seed", "speed"):
            if getattr(options, name) != getattr(plain, name):
                raise UsageError(f"--{name} describes a demo, and this is none", "Add --demo.")
        yield _with_thanos(options, aloud=aloud)
        return
    from kurator_tui.cli.demo_process import estate

    with estate(options) as running:
        game = tuple(running.ready.get("game", ()))
        # An estate that ends with the console leaves no rows to the next one.
        yield replace(options, kubeconfig=running.kubeconfig, context="", demo=False, no_cache=True, game=game)


def _with_thanos(options: Options, *, aloud: bool) -> Options:
    from kurator_tui.config.paths import settings_file

    if not settings_file().exists():  # a start without settings pays for no more than this look
        return options
    from kurator_tui.cli.main import complain
    from kurator_tui.config.settings import load_settings

    settings, problems = load_settings()
    for problem in problems if aloud else ():
        complain("Settings", problem)
    return replace(
        options,
        thanos=options.thanos or settings.thanos,
        thanos_access=settings.thanos_access,
        edge_site_label=settings.edge_site_label,
    )
