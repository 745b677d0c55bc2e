"""Verbs of pipelines: run, cancel, rerun. They send nothing.

Kurator makes a Tekton Pipeline of its own one, and a TriggerTemplate that a webhook starts runs by. A run that is
started here is one of that template: same account, workspaces and parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.fleets import found
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.plugins import few
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, text

TEKTON, RUN = "pipelines.tekton.dev", "pipelineruns.tekton.dev"
_LABEL = "tekton.dev/pipeline"
_BUILD = "build-and-push-image"
_SHARED, _GIT, _DOCKER = "kurator-pipeline-shared-data", "git-credentials", "docker-credentials"
_SCHEMES = ("https://", "http://", "ssh://", "git@")


# -- run --------------------------------------------------------------------------------------------------------


async def plan_run(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """A PipelineRun as the webhook would start it."""
    draft = Draft(f"Run {counted(targets)}")
    for target, pipeline in await objects(reader, targets, draft):
        tekton = await found(reader, Target(target.cluster, TEKTON, target.namespace, target.name))
        if isinstance(tekton, str):
            draft.refuse(target, f"{tekton} of Tekton: Kurator has not made it, or Tekton is not there")
            continue
        last = _params(await _last(reader, target))
        repo = arguments["repo"] or last.get("repo-url", "")
        revision = arguments["revision"] or last.get("revision", "")
        if not (repo and revision):
            missing = "repo and revision" if not (repo or revision) else "repo" if not repo else "revision"
            draft.refuse(target, f"it never ran: say {missing}")
        elif not repo.startswith(_SCHEMES):
            draft.refuse(target, f"{inert(repo)} is no URL of a Git repository")
        else:
            await _run(reader, draft, target, pipeline, repo, revision)
    return draft


async def _last(reader: Reader, target: Target) -> Obj:
    """The newest run of a pipeline, {} where there is none."""
    try:
        runs = await reader.list(target.cluster, RUN, target.namespace, labels=f"{_LABEL}={target.name}")
    except ConsoleError:
        return {}
    return max(runs, key=lambda each: text(meta(each).get("creationTimestamp")), default={})


def _params(run: Obj) -> dict[str, str]:
    return {text(each.get("name")): text(each.get("value")) for each in mappings(at(run, "spec", "params"))}


async def _run(reader: Reader, draft: Draft, target: Target, pipeline: Obj, repo: str, revision: str) -> None:
    tasks = [text(at(each, "predefinedTask", "name")) or "own" for each in mappings(at(pipeline, "spec", "tasks"))]
    secrets = [_GIT, *([_DOCKER] if _BUILD in tasks else [])]
    for name in secrets:
        if isinstance(await found(reader, Target(target.cluster, "secrets", target.namespace, name)), str):
            draft.warn(f"there is no Secret {name} that can be read: its pods wait for it", target)
    modern = _serves(reader, target.cluster, "tekton.dev/v1")
    account = {"serviceAccountName": target.name}
    spec: Obj = {
        "pipelineRef": {"name": target.name},
        "params": [{"name": "revision", "value": revision}, {"name": "repo-url", "value": repo}],
        "workspaces": [_shared(pipeline), *({"name": each, "secret": {"secretName": each}} for each in secrets)],
        **({"taskRunTemplate": account} if modern else account),
    }
    _start(draft, target, target.name, spec, "tekton.dev/v1" if modern else "tekton.dev/v1beta1")
    names = [text(each.get("name")) for each in mappings(at(pipeline, "spec", "tasks"))]
    draft.tell(f"{inert(repo)} at {inert(revision)}: {few(names)}", target)
    if _BUILD in tasks:
        draft.warn("it pushes an image: what is called so already may be replaced", target)


def _serves(reader: Reader, cluster: str, version: str) -> bool:
    try:
        reader.served(cluster, version, "PipelineRun")
    except ConsoleError:
        return False
    return True


def _shared(pipeline: Obj) -> dict[str, Any]:
    """The volume that all tasks share, with the defaults of Kurator's template."""
    said = mapping(at(pipeline, "spec", "sharedWorkspace"))
    claim: Obj = {
        "accessModes": [text(said.get("accessMode")) or "ReadWriteOnce"],
        "resources": {"requests": {"storage": text(said.get("storageRequest")) or "1Gi"}},
    }
    claim |= {key: said[key] for key in ("volumeMode", "storageClassName") if text(said.get(key))}
    return {"name": _SHARED, "volumeClaimTemplate": {"spec": claim}}


def _start(draft: Draft, about: Target, pipeline: str, spec: Obj, version: str) -> None:
    """A run under a name that is known before it is sent."""
    where = Target(about.cluster, RUN, about.namespace, fresh(pipeline, "run"))
    head = {"name": where.name, "namespace": where.namespace, "labels": {_LABEL: pipeline}}
    draft.write(where, Create({"apiVersion": version, "kind": "PipelineRun", "metadata": head, "spec": spec}))


# -- cancel, again ----------------------------------------------------------------------------------------------


def _ended(run: Obj) -> str:
    """How a run ended, "" while it goes on."""
    for each in mappings(at(run, "status", "conditions")):
        if each.get("type") == "Succeeded" and each.get("status") in ("True", "False"):
            return text(each.get("reason")) or text(each.get("status"))
    return ""


async def plan_cancel(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """End runs."""
    how = arguments["how"]
    draft = Draft(f"Cancel {counted(targets)}")
    for target, run in await objects(reader, targets, draft):
        if ended := _ended(run):
            draft.refuse(target, f"it has ended: {ended}")
        elif at(run, "spec", "status") == how:
            draft.refuse(target, "it is being ended already")
        else:
            draft.write(target, JsonPatch(({"op": "add", "path": "/spec/status", "value": how},)))
            tasks = [text(each.get("pipelineTaskName")) for each in mappings(at(run, "status", "childReferences"))]
            draft.warn(f"begun so far: {few(tasks) or 'nothing'}; what they pushed stays", target)
    return draft


async def plan_rerun(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Run once more."""
    draft = Draft(f"Run {counted(targets)} again")
    for target, run in await objects(reader, targets, draft):
        pipeline = text(at(run, "spec", "pipelineRef", "name"))
        where = Target(target.cluster, TEKTON, target.namespace, pipeline)
        if pipeline and isinstance(gone := await found(reader, where), str):
            draft.refuse(target, f"{gone}: what it ran is there no more")
            continue
        spec = {key: value for key, value in mapping(run.get("spec")).items() if key != "status"}
        _start(draft, target, pipeline or name_of(run), spec, text(run.get("apiVersion")) or "tekton.dev/v1")
        known = _params(run)
        if "repo-url" in known:
            draft.tell(f"{inert(known['repo-url'])} at {inert(known.get('revision', ''))}", target)
        if not _ended(run):
            draft.warn("the old one goes on: both run beside each other", target)
    return draft


PLANNERS: dict[str, Planner] = {
    "pipeline.run": plan_run,
    "run.cancel": plan_cancel,
    "run.rerun": plan_rerun,
}
