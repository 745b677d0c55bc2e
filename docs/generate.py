"""Writes the reference pages that would otherwise go stale: keys, settings, columns, verbs and findings.

python docs/generate.py           write them
python docs/generate.py --check   end with 1 when one is not fresh
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from kurator_tui.config import settings as settings_module
from kurator_tui.config.action import WORKLOADS, Context
from kurator_tui.config.actions import ACTIONS, VIEWS, Action, in_view
from kurator_tui.config.keymap import PRESETS, display, preset
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import AnyKind, Format, Row
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.triage.pages import Page
from kurator_tui.triage.pages import pages as findings_of
from kurator_tui.triage.registry import own

DOCS = Path(__file__).parent

UNITS = {
    Format.AGE: "seconds since, in JSON",
    Format.UNTIL: "RFC 3339 in JSON, time left on screen",
    Format.BYTES: "bytes",
    Format.MILLICORES: "millicores",
    Format.MILLISECONDS: "milliseconds",
    Format.RATIO: "0…1 in JSON, per cent on screen",
    Format.COUNT: "number",
    Format.HEALTH: "healthy, progressing, degraded, failed, unknown or stale",
    Format.TEXT: "",
}


def keys() -> str:
    """Keys of every action, from the action registry."""
    lines = [
        "# Keys",
        "",
        "Every key is an action's; every action can have other keys in `keys.yaml`; `?` shows what works here.",
        "Moves take a count, typed with Alt: `Alt-1` `Alt-0` `j` goes down ten lines.",
        "",
    ]
    for group in dict.fromkeys(action.group for action in ACTIONS.values()):
        rows = [row for action in ACTIONS.values() if action.group == group for row in _key_row(action)]
        lines += [f"## {group}", "", "| key | action | command | id |", "|---|---|---|---|", *rows, ""]
    lines += ["## Presets", "", "`default` is the table above. What the others change:", ""]
    for name, bindings in PRESETS.items():
        if bindings:
            changes = "; ".join(f"`{id}` {' '.join(_code(key) for key in own)}" for id, own in bindings.items())
            lines.append(f"- `{name}`: {changes}")
    return "\n".join(lines) + "\n"


def _key_row(action: Action) -> Iterator[str]:
    if action.id.startswith("count."):
        return
    shown = " ".join(_code(key) for key in action.keys)
    words = " ".join(
        f"`:{word}{' ' + action.argument if action.argument else ''}`" for word in action.commands[:1]
    )
    yield f"| {shown} | {action.description} | {words} | `{action.id}` |"


def _code(key: str) -> str:
    return f"`{display(key)}`"


def settings() -> str:
    """Every setting with its default, from the docstrings of `Settings`."""
    lines = ["# Settings", "", "In `settings.yaml`; options of a command win. Unknown names are reported.", ""]
    lines += ["| setting | default | what it does |", "|---|---|---|"]
    defaults = Settings()
    for name, text in _attribute_docstrings():
        value = getattr(defaults, name)
        empty = not value or isinstance(value, msgspec.Struct)
        shown = str(value).casefold() if isinstance(value, bool) else "(empty)" if empty else value
        lines.append(f"| `{name}` | `{shown}` | {' '.join(text.split())} |")
    return "\n".join(lines) + "\n"


def _attribute_docstrings() -> Iterator[tuple[str, str]]:
    tree = ast.parse(inspect.getsource(settings_module))
    (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            yield field.target.id, str(ast.literal_eval(text.value))


def kinds() -> str:
    """Every kind in one table, then the columns of each: JSON, CSV and the filter language call them by key."""
    lines = [
        "# Kinds and columns",
        "",
        "Column keys are the names in `-o json`, `-o csv` and the filter language.",
        "",
    ]
    offered = {kind.id: _offered(kind) for kind in KINDS.values()}
    every = set.intersection(*(set(offered[id]) for id, kind in KINDS.items() if not kind.derived))
    words = ", ".join(text for id, text in offered["configmaps"].items() if id in every)
    lines += [f"What can be done with an object of any kind: {words}. What a kind has beside that:", ""]
    lines += ["| kind | short names | versions | health | actions |", "|---|---|---|---|---|"]
    for kind in KINDS.values():
        lines.append(_summary(kind, [text for id, text in offered[kind.id].items() if id not in every]))
    lines += ["", "Any other kind that a cluster serves is shown by its CRD's printer columns.", ""]
    for kind in KINDS.values():
        lines += [f"## {kind.id}", "", *_kind(kind), ""]
    return "\n".join(lines).rstrip() + "\n"


def _offered(kind: AnyKind) -> dict[str, str]:
    """Actions in the menu of a row of `kind` where everything is allowed: id -> label with its key."""
    view = kind.id if kind.id in VIEWS else WORKLOADS
    context = Context(
        view=view,
        row=Row(cluster="", namespace="", name="", uid="", created=0.0),
        kind=kind.id,
        object_kind="" if kind.derived else kind.id,
        columns=frozenset(column.key for column in kind.columns),
    )
    keymap = preset("default")
    offered: dict[str, str] = {}
    for action in in_view(view):
        if action.menu and action.concerns(context) and action.off(context) is None:
            keys = [_code(key) for key in action.keys if keymap.action(view, key, kind.id) == action]
            words = [f"`:{word}`" for word in action.commands]
            offered[action.id] = " ".join([action.label, *[*keys, *words][:1]])
    return offered


def _summary(kind: AnyKind, actions: Iterable[str]) -> str:
    """One kind as a line: where the details are, its names, versions, how its health is judged, what it offers."""
    anchor = kind.id.replace(".", "")
    rule = kind.rule or " ".join((inspect.getdoc(kind.health) or "").partition("\n\n")[0].split())
    cells = (
        f"[{kind.id}](#{anchor})",
        ", ".join(kind.short_names),
        ", ".join(kind.versions) if not kind.derived else "of kurator-tui itself",
        rule.replace("|", "\\|"),
        ", ".join(actions),
    )
    return f"| {' | '.join(cells)} |"


def _kind(kind: AnyKind) -> Iterator[str]:
    if not kind.derived:
        yield f"`{kind.name}`, {', '.join(f'{kind.group}/{version}'.strip('/') for version in kind.versions)}"
        yield ""
    yield "| column | key | unit |"
    yield "|---|---|---|"
    for column in kind.columns:
        yield f"| {column.title} | `{column.key}` | {UNITS[column.format]} |"


def actions() -> str:
    """Every verb in one table, then what each is told."""
    lines = [
        "# Changes to clusters",
        "",
        "Every change is planned, owned, dry-run, confirmed, audited and can be undone; on the command line it is",
        "`kurator-tui do VERB KIND/NAME`, with the same rules. Risk decides the confirmation: safe is Enter,",
        "disruptive `y`, destructive the typed name; a protected cluster raises it by one.",
        "",
        "| verb | kinds | key | risk | what is written | who owns it | undo |",
        "|---|---|---|---|---|---|---|",
    ]
    for verb in VERBS.values():
        kinds = ", ".join(kind.partition(".")[0] for kind in verb.kinds) or ("any" if verb.targeted else "")
        shown = " ".join(_code(key) for key in verb.keys)
        linked = f"[{verb.id}](#{verb.id.replace('.', '')})"
        cells = (linked, kinds, shown, verb.risk.value, verb.patch, verb.owner, verb.undo)
        lines.append(f"| {' | '.join(cells)} |")
    for verb in VERBS.values():
        lines += ["", f"## {verb.id}", "", f"{verb.description}."]
        if verb.parameters:
            lines += ["", "| parameter | kind | default | meaning |", "|---|---|---|---|"]
        for each in verb.parameters:
            kind = " ".join(f"`{choice}`" for choice in each.choices if choice) or each.kind
            default = "needed" if each.required else f"`{each.default}`" if each.default else ""
            lines.append(f"| `{each.name}` | {kind} | {default} | {each.help or each.label} |")
    return "\n".join(lines) + "\n"


def findings() -> Iterator[tuple[str, str]]:
    """A page a code of the analysers, from the docstrings of their rules, and a table of all: (name, text)."""
    found = findings_of(own())
    lines = [
        "# Findings",
        "",
        "What triage finds, by code. `kurator-tui explain CODE` and an incident's evidence (`6`, `Enter`) say",
        "the same. Findings with one cause are [one incident](../guide.md#triage).",
        "",
        "| code | severity | title | area |",
        "|---|---|---|---|",
        *(
            f"| [{each.code}]({each.code}.md) | {each.severity} | {each.title} | {each.area} |"
            for each in found.values()
        ),
    ]
    yield "findings/README.md", "\n".join(lines) + "\n"
    for code, page in found.items():
        yield f"findings/{code}.md", _finding(page)


def _finding(page: Page) -> str:
    kinds = ", ".join(f"[{id}](../kinds.md#{id.replace('.', '')})" for id in page.kinds)
    lines = [f"# {page.code}: {page.title}", "", f"Severity {page.severity}; area {page.area}; about {kinds}.", ""]
    lines += [page.text, ""]
    if page.suggests:
        lines += ["What may help:", "", *(f"- {_suggested(id)}" for id in page.suggests), ""]
    return "\n".join([*lines, "[All findings](README.md)"]) + "\n"


def _suggested(id: str) -> str:
    """A verb or an action in words, with its key."""
    each = VERBS.get(id) or ACTIONS[id]
    keys = " ".join(_code(key) for key in each.keys[:1])
    return f"{each.description} ({keys})" if keys else each.description


PAGES = {"keys.md": keys, "settings.md": settings, "kinds.md": kinds, "actions.md": actions}


def pages() -> dict[str, str]:
    """Every generated page as it would be if written now, by its name below docs/."""
    return {**{name: page() for name, page in PAGES.items()}, **dict(findings())}


def _left(made: Iterable[str]) -> list[str]:
    """Pages of codes that there are no more."""
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "findings").glob("*.md")}
    return sorted(there - set(made))


def stale() -> list[str]:
    """Names of the pages that are not what they would be if written now."""
    made = pages()
    different = [
        name
        for name, text in made.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    return different + _left(made)


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for name in found:
            print(f"docs/{name} is stale: run python docs/generate.py")
        return 1 if found else 0
    made = pages()
    (DOCS / "findings").mkdir(exist_ok=True)
    for name, text in made.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    for name in _left(made):
        (DOCS / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
