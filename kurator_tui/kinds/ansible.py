"""What Ansible's log says of a run: plays, tasks, and how each host came through. Pure, a line at a time.

    PLAY [Gather facts] *****
    TASK [etcd : Configure etcd] *****
    changed: [node-1]
    fatal: [node-2]: FAILED! => {"msg": "…"}
    PLAY RECAP *****
    node-1 : ok=3 changed=1 unreachable=0 failed=0 …

Kurator follows kubespray by its pod's phase only: which task failed on which host is in this log alone. A log may
begin anywhere and break off anywhere; what is none of these lines is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kurator_tui.kinds.cells import inert

LONGEST = 300
"""Characters of a name or of a message that are kept."""
MOST_TASKS = 2000
"""Tasks that are kept, the newest; kubespray has some 900."""
MOST_HOSTS = 5000

_WORKER = re.compile(r"-(?:init|scale-up|scale-down|upgrade|terminate)-[a-z0-9]{5}$")
_HEAD = re.compile(r"^(PLAY|TASK|RUNNING HANDLER|HANDLER) \[(.*?)\]?\s*\*{3,}\s*$")
_RESULT = re.compile(
    r"^(ok|changed|skipping|fatal|failed|unreachable|rescued|ignored): \[([^\]\s]+)(?: -> [^\]]*)?\]"
)
_RECAP = re.compile(r"^(\S+)\s*:\s+ok=(\d{1,9})\s+changed=(\d{1,9})\s+unreachable=(\d{1,9})\s+failed=(\d{1,9})")
_MESSAGE = re.compile(r'"(?:msg|stderr)":\s*"((?:[^"\\]|\\.){1,300})')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Task:
    """One task: how many hosts it was done on, and of those that failed the last words."""

    play: str
    name: str
    ok: int = 0
    changed: int = 0
    skipped: int = 0
    failed: int = 0
    unreachable: int = 0
    ignored: int = 0
    hosts: list[str] = field(default_factory=list)
    """Those that failed or could not be reached; ten at most."""
    message: str = ""

    @property
    def bad(self) -> bool:
        """Whether it failed on some host, and nobody ignored that."""
        return self.failed + self.unreachable > self.ignored


@dataclass(frozen=True, slots=True)
class Recap:
    """What Ansible counted of one host at the end."""

    host: str
    ok: int
    changed: int
    unreachable: int
    failed: int


@dataclass(slots=True)
class Run:
    """A run as far as its log was read."""

    tasks: list[Task] = field(default_factory=list)
    recap: dict[str, Recap] = field(default_factory=dict)
    plays: int = 0
    dropped: int = 0
    """Tasks before those that are kept."""
    _play: str = ""
    _ends: bool = False

    def feed(self, lines: Iterable[str]) -> None:
        """Read on."""
        for line in lines:
            self._line(_COLOUR.sub("", line).rstrip())

    @property
    def known(self) -> bool:
        """Whether this is a log of Ansible at all."""
        return bool(self.tasks or self.recap or self.plays)

    @property
    def over(self) -> bool:
        """Whether the recap has begun."""
        return self._ends

    @property
    def failed(self) -> Task | None:
        """The newest task that failed and was not ignored."""
        return next((task for task in reversed(self.tasks) if task.bad), None)

    def _line(self, line: str) -> None:
        if line.startswith("PLAY RECAP"):
            self._ends = True
        elif (head := _HEAD.match(line)) is not None:
            self._head(head[1], inert(head[2])[:LONGEST])
        elif self._ends and (recap := _RECAP.match(line)) is not None:
            if len(self.recap) < MOST_HOSTS:
                host = inert(recap[1])[:LONGEST]
                self.recap[host] = Recap(host, *(int(recap[number]) for number in range(2, 6)))
        elif line == "...ignoring" and self.tasks:
            self.tasks[-1].ignored += 1
        elif (result := _RESULT.match(line)) is not None and self.tasks:
            self._result(self.tasks[-1], result[1], inert(result[2])[:LONGEST], line)

    def _head(self, what: str, name: str) -> None:
        self._ends = False
        if what == "PLAY":
            self._play = name
            self.plays += 1
            return
        if len(self.tasks) >= MOST_TASKS:
            del self.tasks[0]
            self.dropped += 1
        self.tasks.append(Task(self._play, name))

    def _result(self, task: Task, word: str, host: str, line: str) -> None:
        if word in ("fatal", "failed", "unreachable"):
            if "UNREACHABLE!" in line or word == "unreachable":
                task.unreachable += 1
            else:
                task.failed += 1
            if len(task.hosts) < 10:
                task.hosts.append(host)
            said = _MESSAGE.search(line)
            task.message = inert(said[1] if said is not None else line.partition("=>")[2].strip())[:LONGEST]
            return
        name = {"skipping": "skipped", "rescued": "ok"}.get(word, word)
        setattr(task, name, getattr(task, name) + 1)


def is_worker(pod: str) -> bool:
    """Whether a pod of this name may be one of kubespray's worker pods (kurator-api §1.3)."""
    return _WORKER.search(pod) is not None


def parsed(lines: Iterable[str]) -> Run:
    """The run that these lines tell."""
    run = Run()
    run.feed(lines)
    return run


def summary(run: Run) -> str:
    """One line: how far it is, what it does now, and what failed; "" for a log that is not Ansible's."""
    if not run.known:
        return ""
    said = [f"{len(run.tasks) + run.dropped} tasks"]
    bad = sorted(host for host, each in run.recap.items() if each.failed or each.unreachable)
    if run.over and run.recap:
        hosts = len(run.recap)
        said.append(f"done on {hosts - len(bad)} of {hosts} hosts" if bad else f"done on all {hosts} hosts")
        if bad:
            said.append("not on " + ", ".join(bad[:5]) + (" …" if len(bad) > 5 else ""))
    elif run.tasks:
        task = run.tasks[-1]
        counts = (
            (task.ok, "ok"),
            (task.changed, "changed"),
            (task.failed, "failed"),
            (task.unreachable, "unreachable"),
        )
        told = " ".join(f"{number} {word}" for number, word in counts if number)
        said.append(f"now {task.name}" + (f" ({told})" if told else ""))
    if (task_ := run.failed) is not None:
        said.append(f"failed: {task_.name} on {', '.join(task_.hosts)}: {task_.message}")
    return " · ".join(said)
