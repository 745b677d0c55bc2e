"""Which resource kinds an embedded API server serves, as data.

The kinds every cluster has and Kurator's own are here, further custom ones in `custom`.  No behaviour here:
discovery, storage, tables and access review read this catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
#: apiextensions-apiserver lists the verbs of custom resources in this order.
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_COMMON_FIELDS = frozenset({"metadata.name", "metadata.namespace"})


class Column(NamedTuple):
    """A printer column of a custom resource; `priority` 1 shows it in the wide view only."""

    name: str
    type: str
    path: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One served resource: its names, scope, subresources and the fields a field selector may use.

    `custom` marks kinds defined by a CRD (no strategic merge patch, unknown fields pruned, generic table).
    `selectable_fields` are dotted paths beside `metadata.name` and `metadata.namespace`, which always work.
    """

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    custom: bool = False
    selectable_fields: frozenset[str] = _COMMON_FIELDS
    verbs: tuple[str, ...] = _ALL_VERBS
    printer_columns: tuple[Column, ...] = field(default=(), compare=False)
    """CRD printer columns, read by the Table view."""
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What a CRD that was created at run time says of its objects, as OpenAPI; {} for all other kinds."""

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def gvr(self) -> tuple[str, str, str]:
        """(group, version, plural)."""
        return (self.group, self.version, self.plural)

    @property
    def group_resource(self) -> str:
        """`plural.group`, or `plural` in the core group: how error messages name a resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def group_kind(self) -> str:
        """`Kind.group`, or `Kind` in the core group: how validation messages name a kind."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def virtual(self) -> bool:
        """True for kinds that are only ever created and never stored (access reviews)."""
        return self.verbs == ("create",)


class Catalogue:
    """The served resources, found by (group, version, plural) or by kind; keeps the order it was given."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self._by_gvr = {rt.gvr: rt for rt in types}

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(self._by_gvr.values())

    def all(self) -> tuple[ResourceType, ...]:
        """Every served resource in order."""
        return tuple(self._by_gvr.values())

    def get(self, group: str, version: str, plural: str) -> ResourceType | None:
        """The resource served at this path, or None."""
        return self._by_gvr.get((group, version, plural))

    def by_plural(self, plural: str, group: str = "") -> ResourceType:
        """The first served version of `plural` in `group`; KeyError when there is none."""
        for rt in self._by_gvr.values():
            if rt.plural == plural and rt.group == group:
                return rt
        raise KeyError(f"{plural}.{group}")

    def by_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The resource whose objects carry this `apiVersion` and `kind`, or None."""
        for rt in self._by_gvr.values():
            if rt.kind == kind and rt.api_version == api_version:
                return rt
        return None

    def for_object(self, obj: dict[str, object]) -> ResourceType:
        """The resource of an object by its own `apiVersion` and `kind`; KeyError when not served."""
        rt = self.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
        if rt is None:
            raise KeyError(f"{obj.get('apiVersion')} {obj.get('kind')}")
        return rt

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Group name → its versions, both in the order served; the core group is ''."""
        found: dict[str, dict[str, None]] = {}
        for rt in self:
            found.setdefault(rt.group, {})[rt.version] = None
        return {group: tuple(versions) for group, versions in found.items()}

    def in_version(self, group: str, version: str) -> tuple[ResourceType, ...]:
        """The resources of one group and version, ordered by plural as a real server lists them."""
        found = (rt for rt in self if (rt.group, rt.version) == (group, version))
        return tuple(sorted(found, key=lambda rt: rt.plural))

    def replace(self, group: str, plural: str, types: Iterable[ResourceType]) -> tuple[ResourceType, ...]:
        """Serve `types`, at the end, in place of the custom resources of that name; returns those."""
        old = tuple(rt for rt in self if rt.custom and (rt.group, rt.plural) == (group, plural))
        for rt in old:
            del self._by_gvr[rt.gvr]
        self._by_gvr.update((rt.gvr, rt) for rt in types if rt.gvr not in self._by_gvr)
        return old

    def extended(self, *types: ResourceType) -> "Catalogue":
        """A new catalogue with these resources added at the end."""
        return Catalogue((*self._by_gvr.values(), *types))


def _builtin(
    group: str,
    version: str,
    plural: str,
    kind: str,
    *,
    namespaced: bool = True,
    short: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    sub: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
    verbs: tuple[str, ...] = _ALL_VERBS,
) -> ResourceType:
    """A resource compiled into the server."""
    return ResourceType(
        group=group,
        version=version,
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        namespaced=namespaced,
        short_names=short,
        categories=categories,
        subresources=frozenset(sub),
        selectable_fields=_COMMON_FIELDS.union(fields),
        verbs=verbs,
    )


def _crd(
    group: str,
    version: str,
    plural: str,
    kind: str,
    *columns: tuple[str, str, str],
    short: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("kurator-dev",),
    namespaced: bool = True,
) -> ResourceType:
    """A custom resource with a status subresource; `columns` are its printer columns."""
    return ResourceType(
        group=group,
        version=version,
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        namespaced=namespaced,
        short_names=short,
        categories=categories,
        subresources=frozenset({"status"}),
        custom=True,
        verbs=CUSTOM_VERBS,
        printer_columns=tuple(Column(*column) for column in columns),
    )


_POD_FIELDS = (
    *("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"),
    *("spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"),
)
_REFERENCE_FIELDS = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENT_FIELDS = (
    *(f"involvedObject.{name}" for name in _REFERENCE_FIELDS),
    *("reason", "reportingComponent", "source", "type"),
)
_EVENTS_K8S_FIELDS = (
    *(f"regarding.{name}" for name in _REFERENCE_FIELDS),
    *("reason", "reportingController", "type"),
)
_POD_SUBRESOURCES = (
    *("attach", "ephemeralcontainers", "eviction", "exec", "log"),
    *("portforward", "proxy", "status"),
)
_ALL = ("all",)
_REVIEW = ("create",)
_ADMISSION, _AUTH, _RBAC = "admissionregistration.k8s.io", "authorization.k8s.io", "rbac.authorization.k8s.io"
_MUTATING, _VALIDATING = "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"
_NAMESPACE_VERBS = tuple(verb for verb in _ALL_VERBS if verb != "deletecollection")


def _core() -> tuple[ResourceType, ...]:
    """The core group, v1."""
    status = ("status",)
    return (
        _builtin("", "v1", "configmaps", "ConfigMap", short=("cm",)),
        _builtin("", "v1", "endpoints", "Endpoints", short=("ep",)),
        _builtin("", "v1", "events", "Event", short=("ev",), fields=_EVENT_FIELDS),
        _builtin("", "v1", "limitranges", "LimitRange", short=("limits",)),
        _builtin(
            "",
            "v1",
            "namespaces",
            "Namespace",
            namespaced=False,
            short=("ns",),
            sub=("finalize", "status"),
            fields=("status.phase",),
            verbs=_NAMESPACE_VERBS,
        ),
        _builtin(
            "",
            "v1",
            "nodes",
            "Node",
            namespaced=False,
            short=("no",),
            sub=("proxy", "status"),
            fields=("spec.unschedulable",),
        ),
        _builtin("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",), sub=status),
        _builtin("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False, short=("pv",), sub=status),
        _builtin(
            "",
            "v1",
            "pods",
            "Pod",
            short=("po",),
            categories=_ALL,
            sub=_POD_SUBRESOURCES,
            fields=_POD_FIELDS,
        ),
        _builtin(
            "",
            "v1",
            "replicationcontrollers",
            "ReplicationController",
            short=("rc",),
            categories=_ALL,
            sub=("scale", "status"),
            fields=("status.replicas",),
        ),
        _builtin("", "v1", "resourcequotas", "ResourceQuota", short=("quota",), sub=status),
        _builtin("", "v1", "secrets", "Secret", fields=("type",)),
        _builtin("", "v1", "serviceaccounts", "ServiceAccount", short=("sa",)),
        _builtin(
            "",
            "v1",
            "services",
            "Service",
            short=("svc",),
            categories=_ALL,
            sub=("proxy", "status"),
            fields=("spec.clusterIP", "spec.type"),
        ),
    )


def _workloads() -> tuple[ResourceType, ...]:
    """apps, batch, policy and autoscaling."""
    status = ("status",)
    scale = ("scale", "status")
    hpa = "horizontalpodautoscalers"
    return (
        _builtin("apps", "v1", "controllerrevisions", "ControllerRevision"),
        _builtin("apps", "v1", "daemonsets", "DaemonSet", short=("ds",), categories=_ALL, sub=status),
        _builtin("apps", "v1", "deployments", "Deployment", short=("deploy",), categories=_ALL, sub=scale),
        _builtin("apps", "v1", "replicasets", "ReplicaSet", short=("rs",), categories=_ALL, sub=scale),
        _builtin("apps", "v1", "statefulsets", "StatefulSet", short=("sts",), categories=_ALL, sub=scale),
        _builtin("autoscaling", "v2", hpa, "HorizontalPodAutoscaler", short=("hpa",), categories=_ALL, sub=status),
        _builtin("batch", "v1", "cronjobs", "CronJob", short=("cj",), categories=_ALL, sub=status),
        _builtin("batch", "v1", "jobs", "Job", categories=_ALL, sub=status, fields=("status.successful",)),
        _builtin("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",), sub=status),
    )


def _platform() -> tuple[ResourceType, ...]:
    """Reviews, networking, RBAC, leases, storage classes, events, slices and CRDs."""
    status = ("status",)
    authn = "authentication.k8s.io"
    return (
        _builtin(authn, "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=_REVIEW),
        _builtin(_AUTH, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=_REVIEW),
        _builtin(
            _AUTH, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False, verbs=_REVIEW
        ),
        _builtin(
            _AUTH, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False, verbs=_REVIEW
        ),
        _builtin(_AUTH, "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False, verbs=_REVIEW),
        _builtin(_ADMISSION, "v1", "mutatingwebhookconfigurations", _MUTATING, namespaced=False),
        _builtin(_ADMISSION, "v1", "validatingwebhookconfigurations", _VALIDATING, namespaced=False),
        _builtin("coordination.k8s.io", "v1", "leases", "Lease"),
        _builtin("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
        _builtin("events.k8s.io", "v1", "events", "Event", short=("ev",), fields=_EVENTS_K8S_FIELDS),
        _builtin("networking.k8s.io", "v1", "ingresses", "Ingress", short=("ing",), sub=status),
        _builtin("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False),
        _builtin("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short=("netpol",)),
        _builtin(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
        _builtin(_RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False),
        _builtin(_RBAC, "v1", "rolebindings", "RoleBinding"),
        _builtin(_RBAC, "v1", "roles", "Role"),
        _builtin("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, short=("pc",)),
        _builtin("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False, short=("sc",)),
        _builtin(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            namespaced=False,
            short=("crd", "crds"),
            categories=("api-extensions",),
            sub=status,
        ),
    )


_AGE = ("Age", "date", ".metadata.creationTimestamp")
_FLUX_COLUMNS = (
    _AGE,
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
    ("Status", "string", '.status.conditions[?(@.type=="Ready")].message'),
)


def _flux(
    group: str, version: str, plural: str, kind: str, short: str, *first: tuple[str, str, str]
) -> ResourceType:
    """A Flux kind: its own columns, then Age, Ready and Status."""
    return _crd(
        f"{group}.toolkit.fluxcd.io", version, plural, kind, *first, *_FLUX_COLUMNS, short=(short,), categories=()
    )


def host_resources() -> tuple[ResourceType, ...]:
    """The custom resources of a Kurator host."""
    url = ("URL", "string", ".spec.url")
    phase = ("Phase", "string", ".status.phase")
    ready = ("Ready", "boolean", ".status.ready")
    cluster_api = "infrastructure.cluster.x-k8s.io"
    return (
        _crd("apps.kurator.dev", "v1alpha1", "applications", "Application"),
        _crd(
            "cluster.kurator.dev",
            "v1alpha1",
            "attachedclusters",
            "AttachedCluster",
            ready,
        ),
        _crd(
            "cluster.kurator.dev",
            "v1alpha1",
            "clusters",
            "Cluster",
            ("InfraType", "string", ".spec.infraType"),
            ("Version", "string", ".spec.version"),
            phase,
        ),
        _crd("fleet.kurator.dev", "v1alpha1", "fleets", "Fleet", phase),
        _flux("helm", "v2beta1", "helmreleases", "HelmRelease", "hr"),
        _crd(cluster_api, "v1alpha1", "customclusters", "CustomCluster", phase, short=("cc",), categories=()),
        _crd(cluster_api, "v1alpha1", "custommachines", "CustomMachine", ready, categories=()),
        _flux("kustomize", "v1beta2", "kustomizations", "Kustomization", "ks"),
        _flux("source", "v1beta2", "gitrepositories", "GitRepository", "gitrepo", url),
        _flux("source", "v1beta2", "helmrepositories", "HelmRepository", "helmrepo", url),
    )


def default_catalogue(host: bool) -> Catalogue:
    """What a member serves, and on a host also the Kurator, Cluster API and Flux kinds."""
    types = (*_core(), *_workloads(), *_platform())
    return Catalogue((*types, *host_resources()) if host else types)
