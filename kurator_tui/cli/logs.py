"""`kurator-tui logs TARGET`: logs of pods, workloads or selectors over clusters, merged by time, a line a line.

Lines go to stdout, what is to be said between them (a container waits, may not be read, lines were dropped) to
stderr; with `-o json` both are JSON objects on stdout, one a line. Nothing printed can act on a terminal.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import click

from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.errors import ApiError, ConsoleError, UsageError
from kurator_tui.kinds.cells import UNSAFE, inert
from kurator_tui.kinds.log_lines import FINAL, LogBatch, LogLine, LogQuery, LogSelector, LogSource, LogTarget, Mark
from kurator_tui.link.messages import StreamEnded
from kurator_tui.store.moments import EXAMPLES, moment
from kurator_tui.store.patterns import Search, compile_search

_COLOURS = re.compile("\x1b\\[[0-9;:]*[mK]")


class _Refused(ApiError):
    title = "No log can be read"


class _Ended(ConsoleError):
    """The stream's end, with its own title and exit code."""

    def __init__(self, end: StreamEnded) -> None:
        super().__init__(end.message, end.hint)
        self.title = end.title  # type: ignore[misc]
        self.exit_code = end.exit_code  # type: ignore[misc]


def _moment_of(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """Nanoseconds since 1970 of so long ago, or of a time; 0 for none."""
    found = moment(value, time.time()) if value else 0.0
    if found is None:
        raise click.BadParameter(f"so long ago, or a time, is needed: {EXAMPLES}")
    return int(found * 1e9)


def _regex(_context: click.Context, _parameter: click.Parameter, value: str) -> Search | None:
    try:
        return compile_search(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@dataclass
class Printer:
    """Batches as text or JSON lines on stdout."""

    form: str = "text"
    timestamps: bool = False
    include: Search | None = None
    exclude: Search | None = None
    lines: int = 0
    """Lines that came."""
    refusal: str = ""
    """Why a container cannot be read, the first one."""
    sources: dict[int, LogSource] = field(default_factory=dict)

    def take(self, batch: LogBatch) -> None:
        """Print what is wanted of a batch."""
        for source in batch.sources:
            self.sources[source.number] = source
        out, told = [], []
        for line in batch.lines:
            if line.mark:
                told.append(self._mark(line))
                continue
            self.lines += 1
            if self._wanted(line.text):
                out.append(self._json(line) if self.form == "json" else self._text(line))
        if self.form == "json":
            out += told
        elif told:
            click.echo("\n".join(told), err=True)
        if out:
            click.echo("\n".join(out))

    def _wanted(self, text: str) -> bool:
        included = self.include is None or self.include(text) is not None
        return included and (self.exclude is None or self.exclude(text) is None)

    def _whose(self, line: LogLine) -> str:
        source = self.sources.get(line.source)
        if source is None:
            return ""
        names = (source.cluster, source.namespace, source.pod, source.container)
        return "/".join(inert(name) for name in names if name)

    def _text(self, line: LogLine) -> str:
        text = inert(_COLOURS.sub("", line.text).replace("\t", "    "))
        when = f"{_moment(line.time)} " if self.timestamps and line.time else ""
        cut = f" … {line.lost} bytes more" if line.lost else ""
        return f"{self._whose(line)} {when}{text}{cut}"

    def _mark(self, line: LogLine) -> str:
        if line.mark in FINAL and line.mark != Mark.ENDED:
            self.refusal = self.refusal or f"{self._whose(line)} {line.mark}: {line.text}".strip()
        if self.form == "json":
            return self._json(line)
        said = f"{line.lost} lines dropped" if line.mark == Mark.DROPPED else f"{line.mark} {line.text}".strip()
        return " ".join(filter(None, ("--", self._whose(line), inert(said))))

    def _json(self, line: LogLine) -> str:
        source = self.sources.get(line.source)
        found: dict[str, object] = {"time": _moment(line.time) if line.time else None}
        if source is not None:
            found |= {
                "cluster": source.cluster,
                "namespace": source.namespace,
                "pod": source.pod,
                "container": source.container,
            }
        found |= {"mark": str(line.mark), "message": line.text} if line.mark else {"text": line.text}
        if line.lost:
            found["lost"] = line.lost
        text = json.dumps(found, ensure_ascii=False)
        return UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _moment(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose logs: a target word, clusters by pattern, and what else narrows it."""

    target: str
    clusters: str = ""
    namespace: str = ""
    container: str = ""
    labels: str = ""

    def query(self, known: Iterable[str], query: LogQuery) -> LogQuery:
        """`query` for the clusters that are meant. Raises UsageError."""
        from kurator_tui.screens.scoping import UnknownCluster, pick

        names = sorted(known)
        try:
            clusters = tuple(sorted(pick(self.clusters, names) if self.clusters else names))
        except UnknownCluster as error:
            raise UsageError(str(error)) from None
        namespaces = (self.namespace,) if self.namespace else ()
        kind, name = self._target()
        if kind == "pods":
            places = [
                LogTarget(cluster, self.namespace or "default", name, self.container) for cluster in clusters
            ]
            return replace_query(query, targets=tuple(places))
        if kind == "nodes":
            selector = LogSelector(clusters, namespaces, self.labels, node=name, container=self.container)
        elif kind:
            owner = (self.namespace or "default",)
            selector = LogSelector(clusters, owner, self.labels, kind, name, container=self.container)
        else:
            selector = LogSelector(clusters, namespaces, self.labels, container=self.container)
        return replace_query(query, selectors=(selector,))

    def _target(self) -> tuple[str, str]:
        """(id of the kind, name); two empty texts where only labels say which pods."""
        from kurator_tui.cli.words import place_of
        from kurator_tui.config.log_actions import LOGGED

        if not self.target:
            if not self.labels:
                raise UsageError("whose logs?", "Name a pod, KIND/NAME (deploy/web), or labels: -l app=web.")
            return "", ""
        word, slash, name = self.target.partition("/")
        kind = place_of(word) if slash else "pods"
        if kind not in LOGGED or not (name or not slash):
            raise UsageError(
                f"{self.target} has no logs", "Name a pod, or KIND/NAME of what has pods: deploy/web."
            )
        return kind, name if slash else word


def replace_query(
    query: LogQuery, targets: tuple[LogTarget, ...] = (), selectors: tuple[LogSelector, ...] = ()
) -> LogQuery:
    """`query` of other pods."""
    from msgspec import structs

    return structs.replace(query, targets=targets, selectors=selectors)


@click.command()
@click.argument("named", metavar="[POD | KIND/NAME]", default="")
@click.option("--cluster", "clusters", default="", metavar="GLOB", help="Only clusters of this name or pattern.")
@click.option("-c", "--container", default="", help="Only this container; * for init and ephemeral ones, too.")
@click.option("-l", "--selector", "labels", default="", help="Pods with these labels: app=web,tier!=cache")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come.")
@click.option("-p", "--previous", is_flag=True, help="Of the instance before the last restart.")
@click.option(
    "--since", default="", callback=_moment_of, metavar="WHEN", help="Only lines from then on: 10m ago, 14:02."
)
@click.option(
    "--until", default="", callback=_moment_of, metavar="WHEN", help="Only lines up to then: 5m ago, 14:05."
)
@click.option(
    "--tail", type=click.IntRange(0), metavar="LINES", help="So many of the newest lines of each container."
)
@click.option("--timestamps", is_flag=True, help="The time of each line, UTC.")
@click.option("--include", default="", callback=_regex, metavar="REGEX", help="Only lines with this.")
@click.option("--exclude", default="", callback=_regex, metavar="REGEX", help="No lines with this.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@target_options
def command(
    options: Options,
    named: str,
    clusters: str,
    container: str,
    labels: str,
    follow: bool,
    previous: bool,
    since: int,
    until: int,
    tail: int | None,
    timestamps: bool,
    include: Search | None,
    exclude: Search | None,
    form: str,
) -> None:
    """Print logs over clusters, merged by time: `logs deploy/web -n shop --cluster 'edge-*' --since 10m`.

    -n is the namespace of the pods here: `default` for a named pod or workload, else all.
    """
    wanted = Wanted(named, clusters, options.namespace, container, labels)
    if until and follow:
        raise UsageError("--follow goes on, --until ends", "Give one of them.")
    if until and since >= until:
        raise UsageError("--since is not before --until", "Nothing is between them.")
    query = LogQuery(follow=follow, previous=previous, tail=tail, since=since, until=until)
    printer = Printer(form, timestamps, include, exclude)
    with target(replace(options, namespace="")) as running:
        asyncio.run(print_logs(running, wanted, query, printer))


async def print_logs(options: Options, wanted: Wanted, query: LogQuery, printer: Printer) -> None:
    """Print what is wanted until it ends. Raises ConsoleError; where nothing could be read, the first reason."""
    from kurator_tui.cli.run import session
    from kurator_tui.kinds.base import HOST
    from kurator_tui.link.logs import open_logs

    async with session(options, ("clusters",)) as (opened, _notices, _complete):
        ended: asyncio.Future[StreamEnded] = asyncio.get_running_loop().create_future()
        known = [row.name for row in opened.store.rows("clusters")] or [HOST]

        def take(batch: LogBatch) -> None:
            try:
                printer.take(batch)
            except OSError as error:  # nobody reads stdout any more
                if not ended.done():
                    ended.set_exception(error)

        def end(fact: StreamEnded) -> None:
            if not ended.done():
                ended.set_result(fact)

        handle = open_logs(opened, wanted.query(known, query), take, end)
        try:
            fact = await ended
        finally:
            handle.close()
    sys.stdout.flush()
    if fact.title:
        raise _Ended(fact)
    if not printer.lines and printer.refusal:
        raise _Refused(printer.refusal)
