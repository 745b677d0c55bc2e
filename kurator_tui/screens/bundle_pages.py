"""What a bundle says, as Markdown: its entry (README.md), the timeline, actions, queries, the log. Pure.

All times are UTC. Whatever a cluster or a user said stands in code (`describe.markdown`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from kurator_tui import __version__
from kurator_tui.describe.markdown import code, fenced, items, link, table
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.inbox import InboxRow
from kurator_tui.kinds.incidents import IncidentRow, State, incident_subject
from kurator_tui.screens.bundle_gathering import Gathered
from kurator_tui.screens.bundle_queries import Asked
from kurator_tui.screens.evidence_parts import Answer, Evidence
from kurator_tui.screens.evidence_steps import Step
from kurator_tui.screens.evidence_timeline import Happening, timeline

HAPPENINGS = 1000
"""Entries of the timeline."""
NAMED = 100
"""Objects, workloads and clusters that the entry names; incident.json has all."""
SECTION = "\n\n"


def moment(at: float) -> str:
    """`2025-11-21 04:40:00`, UTC; "" for 0.0."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""
    except (OverflowError, ValueError, OSError):
        return ""


def _why(answer: Answer[Any]) -> str:
    return code(answer.why or "it was not answered in time")


def _unknown(answer: Answer[Any]) -> str:
    return f"Not known: {_why(answer)}"


def _page(*parts: str) -> str:
    return SECTION.join(part for part in parts if part) + "\n"


# -- the entry ------------------------------------------------------------------------------------------------


def entry(
    found: Gathered, steps: Sequence[Step], contents: Sequence[tuple[str, str, str]], lost: Sequence[str]
) -> str:
    """README.md. `contents` are (label, path, what it is), `lost` what could not be drawn."""
    row = found.known.row
    return _page(
        f"# {code(row.name)}",
        code(row.message),
        table(("what", "value"), [(label, said) for label, said in _facts(row) if said]),
        "## What it means",
        SECTION.join(map(code, found.known.means.value or ())) or _unknown(found.known.means),
        "## Why it is one incident",
        f"{code(row.because or 'itself')}{f': {code(row.cause)}' if row.cause else ''}",
        "## How far it reaches",
        _recorded(found),
        _reach(found.known),
        "## Where it comes from",
        _origin(found.known),
        "## Next steps",
        items(_step(each) for each in steps) or "Nothing is suggested: it is about no single object.",
        "## What could not be read",
        items(unread(found, lost)) or "Everything that was asked for was answered.",
        "## Contents",
        table(("file", "what it is"), [(link(label, path), said) for label, path, said in contents]),
        f"Written {moment(found.now)} UTC by kurator-tui {__version__}"
        f"{f' of {code(found.host)}' if found.host else ''}. All times are UTC. Values of"
        " Secrets, and what looks like a secret elsewhere, stand as `•••`.",
    )


def _recorded(found: Gathered) -> str:
    """Of which moment findings are that are not of now."""
    if found.then is None:
        return ""
    why = "when it reached farthest" if found.known.row.state == State.RESOLVED else "the moment that was shown"
    return f"As recorded {moment(found.then.at)} UTC, {why}."


def _facts(row: IncidentRow) -> Iterator[tuple[str, str]]:
    over = row.state == State.RESOLVED
    yield "code", code(row.code)
    yield "severity", code(row.severity)
    yield "state", code(row.state)
    yield "since", moment(row.created) + (", or earlier" if row.before else "")
    yield "over since", moment(row.resolved_at) if over else ""
    yield "last change", moment(row.changed)
    yield "came", f"{row.times} times within the hour" if row.times > 1 else ""
    yield "clusters", ", ".join(map(code, row.clusters[:NAMED])) + _more(len(row.clusters))
    yield "holds", ", ".join(_count(each) for each in ((row.objects, "object"), (row.workloads, "workload")))
    yield "follow from it", _count((row.symptoms, "finding")) if row.symptoms else ""
    yield "object", f"{code(row.kind)} {code(row.target)}".strip()
    yield "id", code(row.uid)
    if isinstance(row, InboxRow):
        when = f" {moment(row.acknowledged_at)}" if row.acknowledged_at else ""
        yield "acknowledged", f"{code(row.acknowledged)}{when}" if row.acknowledged else ""
        yield "assigned", code(row.assigned)
        yield "note", code(row.note)


def _count(said: tuple[int, str]) -> str:
    number, word = said
    return f"{number} {word}{'' if number == 1 else 's'}"


def _more(number: int) -> str:
    return f" and {number - NAMED} more" if number > NAMED else ""


def _step(step: Step) -> str:
    return f"{code(step.label)}{f' (not possible: {code(step.why_not)})' if step.why_not else ''}"


def _reach(known: Evidence) -> str:
    told = known.findings.value
    if told is None:
        return _unknown(known.findings)
    if not told:
        return "It has no findings any more."
    clusters = Counter(each.cluster for each in told)
    sorts = Counter((each.code, each.title) for each in told)
    workloads = list(dict.fromkeys(map(_workload, told)))
    return _page(
        table(
            ("cluster", "findings"), [(code(name), str(number)) for name, number in clusters.most_common(NAMED)]
        ),
        table(
            ("code", "finding", "times"),
            [(code(sort), code(title), str(number)) for (sort, title), number in sorts.most_common(NAMED)],
        ),
        items(f"following from it: {_count((number, 'finding'))}, {code(why)}" for why, number in known.follows),
        f"Workloads: {', '.join(map(code, workloads[:NAMED]))}{_more(len(workloads))}" if workloads else "",
    ).rstrip()


def _workload(finding: FindingRow) -> str:
    owner = finding.mark("owner")
    return "/".join(part for part in (finding.cluster, finding.namespace, owner or finding.name) if part)


def _origin(known: Evidence) -> str:
    lines = (
        [f"belongs to {' › '.join(code(f'{kind}/{name}') for kind, name in known.owners)}"] if known.owners else []
    )
    if known.origin.value is None:
        lines.append(f"not known: {_why(known.origin)}")
    else:
        lines += [f"{label}: {code(said)}" for label, said in known.origin.value.lines]
    return items(lines)


def unread(found: Gathered, lost: Iterable[str] = ()) -> Iterator[str]:
    """Lines of what is missing in the bundle, and why."""
    known = found.known
    parts: list[tuple[str, Answer[Any]]] = [
        ("findings", known.findings),
        ("what it means", known.means),
        ("the object", known.object),
        ("events", known.events),
        ("deploys", known.deploys),
        ("releases", known.releases),
        ("your changes", found.audit),
        ("alerts", known.alerts),
        ("the log", known.logs),
        ("where it comes from", known.origin),
        *((f"chart {title}", answer) for title, answer in known.charts.items()),
    ]
    if known.row.state == State.RESOLVED and found.then is None:
        yield "what it was like while it went on: nothing of it was recorded"
    if 0 < len(known.findings.value or ()) < known.row.objects:
        yield f"findings: {len(known.findings.value or ())} are told, of {known.row.objects} objects"
    for label, answer in parts:
        if answer.value is None:
            yield f"{label}: {_why(answer)}"
    if known.charts_why:
        yield f"charts: {code(known.charts_why)}"
    for which, read in found.objects:
        if read.value is None:
            place = "/".join(part for part in (which.cluster, which.namespace, which.name) if part)
            yield f"{code(f'{which.kind} {place}')}: {_why(read)}"
    if not found.rows and incident_subject(known.row) is not None:
        yield "the table of its objects: no row of them is known"
    for cluster, freshness in found.stale:
        since = f" since {moment(freshness.since)}" if freshness.since else ""
        reason = f": {code(freshness.reason)}" if freshness.reason else ""
        yield f"cluster {code(cluster)} is {freshness.state}{since}{reason}; what is told of it may be old"
    for row in found.blind:
        yield f"{code(row.name)} in {code(row.cluster)}: {code(row.reason or row.state)}"
    yield from lost


# -- what happened --------------------------------------------------------------------------------------------


def timeline_page(known: Evidence, more: Iterable[Happening] = ()) -> str:
    """timeline.md: findings, events, changes with who wrote them, releases, alerts, own actions; oldest first.

    `more` are changes of other objects.
    """
    began = "It was there already at" if known.row.before else "It began"
    lines = [
        (moment(each.at), each.sort, code(each.where), code(each.text))
        for each in reversed(timeline(known, HAPPENINGS, more))
    ]
    return _page(
        "# Timeline",
        f"{began} {moment(known.began)} UTC. Oldest first; `yours` are changes made with this user's consoles.",
        table(("time (UTC)", "told by", "cluster", "what happened"), lines)
        if lines
        else "Nothing is known of it.",
    )


def actions_page(found: Gathered) -> str:
    """actions.md: what was changed with kurator-tui within the incident's time, with each field."""
    audit = found.audit
    own = {each.uid for each in found.known.audit.value or ()}
    if audit.value is None:
        return _page("# Actions taken", f"Not known: {_why(audit)}")
    if not audit.value:
        return _page(
            "# Actions taken",
            "Nothing was changed with this user's consoles in these clusters, from an hour before it began.",
        )
    rows = [
        (
            moment(each.created),
            code(each.verb),
            code(each.target.label if each.target is not None else each.name),
            code(each.who),
            code(" ".join(part for part in (each.outcome, each.message) if part)),
            code(each.plan),
            "yes" if each.uid in own else "",
        )
        for each in audit.value
    ]
    return _page(
        "# Actions taken",
        "Changes made with this user's consoles in these clusters, from an hour before it began; oldest first.",
        table(("time (UTC)", "verb", "object", "who", "outcome", "plan", "of its objects"), rows),
        *(part for each in audit.value if each.diff for part in _changes(each)),
    )


def _changes(row: AuditRow) -> Iterator[str]:
    yield f"## {code(f'{row.verb} {row.name}')} {moment(row.created)}"
    lines = [f"{line.path}\n- {line.before}\n+ {line.after}" for line in row.diff]
    yield fenced("\n".join(lines), "diff")


# -- the log and the queries ----------------------------------------------------------------------------------


def log_page(known: Evidence) -> str:
    """log.md: the lines around what went wrong; "" where there are none."""
    found = known.logs.value
    if found is None:
        return ""
    lines = [f"{moment(at)} {text}".strip() for at, text in found.lines]
    said = "None of its lines looks like an error; these are the last."
    if found.error is not None:
        said = f"The line that tells the error: {code(found.lines[found.error][1])}"
    return _page(f"# Log of {code(found.source)}", said, fenced("\n".join(lines)))


def queries_page(asked: Sequence[Asked], why: str) -> str:
    """queries.md: each query with who answered it and where its numbers are."""
    parts = [part for each in asked for part in _query(each)]
    return _page(
        "# Queries and their results", *(parts or [f"No query was asked: {code(why or 'none is known')}"])
    )


def _query(each: Asked) -> Iterator[str]:
    yield f"## {code(each.title)}"
    if each.data is None:
        yield f"Not known: {code(each.why)}"
        return
    data = each.data
    if data.query:
        yield fenced(data.query, "promql")
    end = data.start + data.step * max(0, data.count - 1)
    lines = [
        f"from {moment(data.start)} to {moment(end)}, each {data.step:g} s",
        f"answered by {code(data.source)}" if data.source else "",
        f"series: {len(data.series)}{f' of {data.total}' if data.total > len(data.series) else ''}",
        *(f"note: {code(note)}" for note in data.notes),
        *(f"warning: {code(warning)}" for warning in data.warnings),
        *(f"not in the answer: {code(one.cluster)}, {code(one.reason)}" for one in data.missing),
        " · ".join(link(label, path) for label, path in each.files),
    ]
    yield items(line for line in lines if line)
