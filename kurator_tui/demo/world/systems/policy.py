"""Kyverno on members: pod security policies of the fleet plugin, the platform's own, reports, exceptions.

Clusters with the set `kyverno-2` have the newer API: policies in v2beta1, a report for each resource.
"""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.cluster import controller_of
from kurator_tui.demo.world.site import DAY, HOUR, Site, condition

Obj = dict[str, Any]

_REPORTS = "wgpolicyk8s.io/v1alpha2"
_POD = {"any": [{"resources": {"kinds": ["Pod"]}}]}
#: Policy → (what it says, the pattern of a pod's spec, severity).
_BASELINE: dict[str, tuple[str, Obj, str]] = {
    "disallow-host-namespaces": (
        "Sharing the host namespaces is disallowed.",
        {"=(hostPID)": "false", "=(hostNetwork)": "false"},
        "medium",
    ),
    "disallow-privileged-containers": (
        "Privileged mode is disallowed.",
        {"containers": [{"=(securityContext)": {"=(privileged)": "false"}}]},
        "medium",
    ),
    "disallow-host-path": ("HostPath volumes are forbidden.", {"=(volumes)": [{"X(hostPath)": "null"}]}, "medium"),
    "disallow-capabilities": (
        "Any capabilities added beyond the allowed list are disallowed.",
        {"=(containers)": [{"=(securityContext)": {"=(capabilities)": {"=(add)": "AUDIT_WRITE"}}}]},
        "medium",
    ),
    "require-requests-limits": (
        "CPU and memory resource requests and limits are required.",
        {"containers": [{"resources": {"requests": {"cpu": "?*"}, "limits": {"cpu": "?*"}}}]},
        "low",
    ),
    "disallow-latest-tag": ("An image tag is required.", {"containers": [{"image": "!*:latest"}]}, "high"),
}
_ENFORCED = frozenset({"disallow-privileged-containers"})
_CATEGORY = "Pod Security Standards (Baseline)"
#: Policy → the namespaces whose pods break it.
FAILING = {
    "disallow-host-namespaces": frozenset({"kube-system", "monitoring"}),
    "disallow-latest-tag": frozenset({"features", "preview"}),
    "require-requests-limits": frozenset({"webapp", "payments", "erp", "inference", "edge-apps", "kyverno"}),
}
#: Policy → the pods that an exception lets off, by the beginning of their names.
_EXEMPT = {"disallow-host-namespaces": "node-exporter"}
#: Policy → what it does instead in some namespaces.
_OVERRIDES = {"disallow-latest-tag": [{"action": "Enforce", "namespaces": ["payments", "webapp"]}]}
_WEBHOOK = (
    "failed to update webhook configuration: Internal error occurred: failed calling webhook "
    '"validate-policy.kyverno.svc": context deadline exceeded'
)


def objects(site: Site) -> Iterator[Obj]:
    """Policies, then what they found."""
    newer = "kyverno-2" in site.sets
    yield from (_policy(site, name, newer=newer) for name in _BASELINE)
    yield _mutating(site, newer=newer)
    namespace = _home(site)
    yield _namespaced(site, namespace, newer=newer)
    for each in site.all_of("namespaces"):
        yield from reports(site, each["metadata"]["name"])
    yield _cluster_report(site)
    yield _exception(site, namespace, newer=newer)


def said(policy: str) -> str:
    """What a policy says to whoever breaks it."""
    return _BASELINE[policy][0]


def _home(site: Site) -> str:
    """The namespace of the cluster's own policies and exceptions."""
    return next((name for name in ("webapp", "edge-apps", "inference") if site.has(name)), "default")


def _api(*, newer: bool) -> str:
    return "kyverno.io/v2beta1" if newer else "kyverno.io/v1"


def _status(site: Site, count: Obj, *, ready: bool = True) -> Obj:
    since = site.stamp(20 * DAY if ready else HOUR)
    said = condition("Ready", ready, since, "Succeeded", "Ready")
    if not ready:
        said = condition("Ready", False, since, "Failed", _WEBHOOK)
    rules = {"validate": 0, "mutate": 0, "generate": 0, "verifyimages": 0, **count}
    return {"ready": ready, "conditions": [said], "rulecount": rules, "autogen": {}}


def _spec(rules: list[Obj], action: str, *, newer: bool) -> Obj:
    spec: Obj = {"background": True, "failurePolicy": "Fail", "rules": rules, "validationFailureAction": action}
    return spec | ({"admission": True} if newer else {})


def _policy(site: Site, name: str, *, newer: bool) -> Obj:
    message, pattern, severity = _BASELINE[name]
    rule = {"name": name, "match": _POD, "validate": {"message": message, "pattern": {"spec": pattern}}}
    annotations = {
        "policies.kyverno.io/category": _CATEGORY,
        "policies.kyverno.io/severity": severity,
        "policies.kyverno.io/title": name.replace("-", " ").title(),
        "meta.helm.sh/release-name": f"kyverno-kyverno-policies-{site.name}",
    }
    meta = {"annotations": annotations, "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    action = "Enforce" if name in _ENFORCED else "Audit"
    ready = (site.name, name) != ("on-prem", "disallow-latest-tag")
    return site.make(
        _api(newer=newer),
        "ClusterPolicy",
        name,
        age=40 * DAY,
        meta=meta,
        spec=_spec([rule], action, newer=newer) | _overriding(name),
        status=_status(site, {"validate": 1}, ready=ready),
    )


def _overriding(name: str) -> Obj:
    return {"validationFailureActionOverrides": _OVERRIDES[name]} if name in _OVERRIDES else {}


def _mutating(site: Site, *, newer: bool) -> Obj:
    rule = {
        "name": "add-default-network-policy",
        "match": {"any": [{"resources": {"kinds": ["Namespace"]}}]},
        "generate": {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "name": "default-deny",
            "namespace": "{{request.object.metadata.name}}",
            "synchronize": True,
            "data": {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}},
        },
    }
    spec = _spec([rule], "Audit", newer=newer)
    status = _status(site, {"generate": 1})
    return site.make(_api(newer=newer), "ClusterPolicy", "default-deny", age=90 * DAY, spec=spec, status=status)


def _namespaced(site: Site, namespace: str, *, newer: bool) -> Obj:
    pattern = {"metadata": {"labels": {"team": "?*"}}}
    rule = {
        "name": "check-team",
        "match": _POD,
        "validate": {"message": "The label `team` is required.", "pattern": pattern},
    }
    spec, status = _spec([rule], "Audit", newer=newer), _status(site, {"validate": 1})
    return site.make(
        _api(newer=newer), "Policy", "require-team", namespace, age=15 * DAY, spec=spec, status=status
    )


def _results(site: Site, pods: list[Obj], policy: str) -> list[Obj]:
    """One result a pod for this policy."""
    message, _pattern, severity = _BASELINE[policy]
    exception = f"{_home(site)}/node-exporter"
    made = []
    for pod in pods:
        meta = pod["metadata"]
        word, said = "pass", f"validation rule '{policy}' passed."
        if meta["name"].startswith(_EXEMPT.get(policy, "/")):
            word, said = "skip", f"rule is skipped due to policy exception {exception}"
        elif meta["namespace"] in FAILING.get(policy, ()):
            word, said = "fail", f"validation error: {message} rule {policy} failed at path /spec/"
        made.append(
            {
                "policy": policy,
                "rule": policy,
                "result": word,
                "scored": True,
                "source": "kyverno",
                "category": _CATEGORY,
                "severity": severity,
                "message": said,
                "timestamp": {"seconds": 1_780_000_000 + site.rng.randint(0, 300_000), "nanos": 0},
                "resources": [
                    {
                        "apiVersion": "v1",
                        "kind": "Pod",
                        "name": meta["name"],
                        "namespace": meta["namespace"],
                        "uid": meta["uid"],
                    }
                ],
            }
        )
    return made


def _summary(results: list[Obj]) -> Obj:
    found = dict.fromkeys(("pass", "fail", "warn", "error", "skip"), 0)
    for each in results:
        found[each["result"]] += 1
    return found


def reports(site: Site, namespace: str) -> Iterator[Obj]:
    """A report for each policy of the namespace's pods; in the newer API one for each of some pods."""
    newer, pods = "kyverno-2" in site.sets, site.all_of("pods", namespace)
    labels = {"labels": {"app.kubernetes.io/managed-by": "kyverno"}}
    if not newer:
        for policy in _BASELINE if pods else ():
            results = _results(site, _one_a_workload(pods), policy)
            name = f"cpol-{policy}"
            yield site.make(
                _REPORTS, "PolicyReport", name, namespace, meta=labels, results=results, summary=_summary(results)
            )
        return
    for pod in _one_a_workload(pods):
        results = [{**each, "resources": None} for policy in _BASELINE for each in _results(site, [pod], policy)]
        for each in results:
            del each["resources"]
        meta = pod["metadata"]
        scope = {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": meta["name"],
            "namespace": namespace,
            "uid": meta["uid"],
        }
        yield site.make(
            _REPORTS,
            "PolicyReport",
            meta["uid"],
            namespace,
            meta=labels,
            scope=scope,
            results=results,
            summary=_summary(results),
        )


def _one_a_workload(pods: list[Obj]) -> list[Obj]:
    """The first pod of each workload: reports stay small."""
    return list({str((controller_of(pod) or {}).get("name")): pod for pod in reversed(pods)}.values())[:8]


def _cluster_report(site: Site) -> Obj:
    """What became of a rule that generates; in one cluster it failed for one namespace."""
    spaces = site.all_of("namespaces")[:4]
    broken = 0 if site.name == "ai-cloud" else None
    results = [
        {
            "policy": "default-deny",
            "rule": "add-default-network-policy",
            "result": "error" if number == broken else "pass",
            "scored": True,
            "source": "kyverno",
            "message": "failed to create NetworkPolicy: timed out"
            if number == broken
            else "generated NetworkPolicy",
            "timestamp": {"seconds": 1_780_000_000, "nanos": 0},
            "resources": [{"apiVersion": "v1", "kind": "Namespace", "name": each["metadata"]["name"]}],
        }
        for number, each in enumerate(spaces)
    ]
    name = "cpol-default-deny"
    return site.make(_REPORTS, "ClusterPolicyReport", name, results=results, summary=_summary(results))


def _exception(site: Site, namespace: str, *, newer: bool) -> Obj:
    match = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["monitoring"], "names": ["node-exporter*"]}}]}
    exceptions = [{"policyName": "disallow-host-namespaces", "ruleNames": ["disallow-host-namespaces"]}]
    api = "kyverno.io/v2beta1" if newer else "kyverno.io/v2alpha1"
    spec = {"match": match, "exceptions": exceptions}
    return site.make(api, "PolicyException", "node-exporter", namespace, age=12 * DAY, spec=spec)
