"""Makes a plan: the verb's draft, who owns the fields, what the servers say, the risk, the word to type.

Nothing is written here; dry runs only. What the plan means to write stays in this process (`Planned`), the console
gets what it shows (`kinds.plans.Plan`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kurator_tui.actions import ownership
from kurator_tui.actions.arguments import names
from kurator_tui.actions.foresight import foresee
from kurator_tui.actions.guarding import Guards
from kurator_tui.actions.journal import Kept, Record
from kurator_tui.actions.plan import Apply, Create, Delete, Draft, Reader
from kurator_tui.actions.preview import Decided, Tried, fold, try_all
from kurator_tui.actions.registry import planner
from kurator_tui.actions.rules import Rules
from kurator_tui.errors import UsageError
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.arguments import checked
from kurator_tui.kinds.plans import DEFAULT_WAVES, Commit, Plan, PlannedStep, Target
from kurator_tui.kinds.verb import RISKS, Risk, Verb


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and, step by step, what it would write."""

    plan: Plan
    tried: tuple[Tried, ...]
    reached: tuple[str, ...] = ()
    """Clusters that it reaches beside those that it is sent to."""

    def record(self, commit: Commit, shard: int, rules: Rules, at: str) -> Record:
        """What is journalled when it is committed."""
        plan = self.plan
        kept = tuple(_kept(each) for each in self.tried)
        record = Record(plan.id, plan.verb, plan.title, at, kept, commit, shard, rules.user, rules.groups)
        told = {"risk": plan.risk, "word": plan.word, "protected": plan.protected}
        return msgspec.structs.replace(record, reached=self.reached, **told)


def _kept(tried: Tried) -> Kept:
    gone = tried.before if isinstance(tried.step.write, Delete) else None
    made = isinstance(tried.step.write, Apply | Create) and tried.before is None
    dry_run = "not tried" if tried.blind or tried.later else "accepted"
    return Kept(tried.step, tuple(tried.changed), tried.lines, dry_run, gone, made=made)


def new_id(now: float) -> str:
    """Names a plan: `20260101-120000-3f9a02`, sorted by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(3)}"


async def make(
    hub: Hub,
    reader: Reader,
    rules: Rules,
    id: str,
    verb_id: str,
    targets: Sequence[Target],
    given: Mapping[str, str],
    decided: Decided | None = None,
) -> Planned:
    """The plan of a verb over targets; `decided` are clashes, beside what the arguments `take` and `leave` say.

    Raises UsageError for what makes no sense at all.
    """
    verb, plan_verb = planner(verb_id)
    rules.allow()
    arguments = checked(verb, given)
    if verb.targeted and not targets:
        raise UsageError(f"{verb.id} needs something to do it to")
    if len(targets) > 1 and not verb.many:
        raise UsageError(f"{verb.id} is done to one object at a time")
    refused, guards = Draft(""), Guards(hub, rules)
    open_targets = [target for target in targets if _may(guards, verb, target, refused)]
    draft = await plan_verb(reader, open_targets, arguments)
    draft.refusals[:0] = refused.refusals
    told = decided or Decided()
    decided = Decided(told.take | names(arguments.get("take", "")), told.leave | names(arguments.get("leave", "")))
    return await completed(hub, reader, rules, id, verb, draft, arguments, decided)


def _may(guards: Guards, verb: Verb, target: Target, draft: Draft) -> bool:
    if why := guards.shut(target.cluster):
        draft.refuse(target, why)
    elif verb.kinds and target.kind not in verb.kinds:
        draft.refuse(target, f"{verb.id} is for {', '.join(kind.partition('.')[0] for kind in verb.kinds)}")
    else:
        return True
    return False


async def completed(
    hub: Hub,
    reader: Reader,
    rules: Rules,
    id: str,
    verb: Verb,
    draft: Draft,
    arguments: Mapping[str, str],
    decided: Decided | None = None,
) -> Planned:
    """A draft with all that the pipeline adds to it; `decided`: see `preview.try_all`."""
    salt, guards = secrets.token_hex(16), Guards(hub, rules)
    numbers = [number for number, step in enumerate(draft.steps) if _open(guards, draft, step.target)]
    tried = await try_all(hub, reader, [draft.steps[each] for each in numbers], rules.manner, salt, decided)
    for number, each in zip(numbers, tried, strict=True):
        own = {clash.field: clash for clash in draft.clashes if clash.step == number}
        each.clashes = (*own.values(), *(clash for clash in each.clashes if clash.field not in own))
    await asyncio.gather(*(guards.reach(reader, each) for each in tried))
    kept = await _lasting(reader, guards, draft, tried)
    draft.consequences += await foresee(reader, verb.id, kept)
    clusters = {each.step.target.cluster for each in kept}
    everywhere = sorted(clusters.union(*(each.reached for each in kept)))
    protected = guards.protected(everywhere)
    guards.tell(draft, protected, clusters)
    risk = max((verb.risk, draft.risk or Risk.SAFE), key=RISKS.index)
    risk = risk.raised() if protected else risk
    numbered = [_numbered(each, number) for number, each in enumerate(kept)]
    plan = Plan(
        id,
        verb.id,
        draft.title,
        risk,
        {key: value for key, value in arguments.items() if _plain(verb, key)},
        tuple(_shown(each, number) for number, each in enumerate(kept)),
        fold(kept),
        tuple(draft.consequences),
        tuple(draft.refusals),
        tuple(clash for each in numbered for clash in each.clashes),
        tuple(fault for each in numbered for fault in each.faults),
        tuple(protected),
        _word(draft, verb, kept) if risk is Risk.DESTRUCTIVE else "",
        DEFAULT_WAVES if len(clusters) > 1 else (),
        rules.user,
    )
    return Planned(plan, tuple(numbered), tuple(x for x in everywhere if x not in clusters))


async def _lasting(reader: Reader, guards: Guards, draft: Draft, tried: Sequence[Tried]) -> list[Tried]:
    """What of a draft is written; what the verb told of targets that are refused here is taken back."""
    told, draft.consequences = draft.consequences, []
    kept: list[Tried] = []
    refused: set[Target] = set()
    for each in tried:
        target = each.step.target
        if each.later and target in refused:
            continue  # it would take back what is not done
        if why := guards.barred(each.reached):
            draft.refuse(target, why)
            refused.add(target)
        elif await ownership.check(reader, each, draft):
            refused.add(target)
        elif not _idle(each, draft):
            kept.append(each)
    refused -= {each.step.target for each in kept}
    draft.consequences[:0] = [each for each in told if each.target is None or each.target not in refused]
    return kept


def _idle(tried: Tried, draft: Draft) -> bool:
    """Whether a step is left out because the object is so already; told in `draft`."""
    if tried.idle and not tried.clashes:
        draft.tell("it is so already", tried.step.target)
        return True
    if tried.held:
        draft.warn(f"not now: {tried.held}", tried.step.target)
    if tried.blind:
        draft.warn("its server could not try it: its namespace is made by this plan", tried.step.target)
    return False


def _open(guards: Guards, draft: Draft, target: Target) -> bool:
    """A verb may write elsewhere than to its targets: those places are asked about, too."""
    if why := guards.shut(target.cluster):
        draft.refuse(target, why)
    return not why


def _numbered(tried: Tried, number: int) -> Tried:
    tried.clashes = tuple(msgspec.structs.replace(each, step=number) for each in tried.clashes)
    tried.faults = tuple(msgspec.structs.replace(each, step=number) for each in tried.faults)
    return tried


def _shown(tried: Tried, number: int) -> PlannedStep:
    step = tried.step
    return PlannedStep(number, step.target, step.write.words, step.note)


def _plain(verb: Verb, name: str) -> bool:
    """Whether an argument may be shown: documents may hold secrets."""
    return any(each.name == name and each.kind not in ("yaml", "map") for each in verb.parameters)


def _word(draft: Draft, verb: Verb, tried: Sequence[Tried]) -> str:
    names = {each.step.target.name for each in tried}
    return draft.word or (names.pop() if len(names) == 1 else f"{verb.id} {len(tried)}")
