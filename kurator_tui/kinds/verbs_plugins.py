"""Verbs of a Fleet's plugins: one form a plugin, and off. Entries only.

What Kurator declares and never reads (nodeExporter, kubeStateMetrics) is not offered. An empty argument leaves
what is there; `-` takes it away.
"""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

FLEET = "fleets.fleet.kurator.dev"
_GROUP = "Plugins"
_AT = "spec.plugin"
_CHART = "repository=URL name=NAME version=VERSION, all three; empty: as it is; -: Kurator's own"
_VALUES = "Helm values as YAML on one line, in place of those there are; empty: as they are; -: none"


def _chart(field: str, name: str = "chart", label: str = "Chart") -> Parameter:
    return Parameter(name, label, help=_CHART, field=f"{_AT}.{field}.chart")


def _values(field: str, name: str = "values", label: str = "Values") -> Parameter:
    return Parameter(name, label, "map", help=_VALUES, field=f"{_AT}.{field}.extraArgs")


def _verb(name: str, key: str, what: str, *parameters: Parameter, risk: Risk = Risk.DISRUPTIVE) -> Verb:
    return Verb(
        f"plugin.{name}",
        f"Plugin {name}",
        what,
        _GROUP,
        risk,
        (FLEET,),
        parameters=parameters,
        many=False,
        patch=f"JSON Patch of the Fleet's {_AT}.{key}, with a test of its resourceVersion",
        owner="written in the Fleet: its HelmReleases are replaced with each of Kurator's passes",
        undo="the plugin as it was: off again, or with its earlier values",
    )


VERBS = (
    _verb(
        "metric",
        "metric",
        "Turn metrics on or change them: Prometheus on each member, Thanos on the host",
        Parameter(
            "secret",
            "Secret",
            help="with the object store of Thanos at objstore.yml",
            field=f"{_AT}.metric.thanos.objectStoreConfig.secretName",
        ),
        _values("metric.thanos", "thanos-values", "Thanos"),
        _values("metric.prometheus", "prometheus-values", "Prometheus"),
        _chart("metric.thanos", "thanos-chart", "Thanos chart"),
        _chart("metric.prometheus", "prometheus-chart", "Prom. chart"),
    ),
    _verb(
        "grafana",
        "grafana",
        "Turn Grafana on the host on, or change it",
        _values("grafana"),
        _chart("grafana"),
    ),
    _verb(
        "kyverno",
        "policy.kyverno",
        "Turn policies on or change them: Kyverno and pod security policies on each member",
        Parameter(
            "standard",
            "Standard",
            "choice",
            choices=("", "privileged", "baseline", "restricted", "none"),
            help="of pod security; none: Kyverno without policies",
            field=f"{_AT}.policy.kyverno.podSecurity.standard",
        ),
        Parameter(
            "severity",
            "Severity",
            "choice",
            choices=("", "low", "medium", "high"),
            help="shown in reports",
            field=f"{_AT}.policy.kyverno.podSecurity.severity",
        ),
        Parameter(
            "action",
            "Action",
            "choice",
            choices=("", "Audit", "Enforce"),
            help="report, or refuse pods",
            field=f"{_AT}.policy.kyverno.podSecurity.validationFailureAction",
        ),
        _values("policy.kyverno"),
        _chart("policy.kyverno"),
    ),
    _verb(
        "backup",
        "backup",
        "Turn backups on or change them: Velero on each member",
        Parameter("bucket", "Bucket", field=f"{_AT}.backup.storage.location.bucket"),
        Parameter(
            "provider",
            "Provider",
            "choice",
            choices=("", "aws", "huaweicloud"),
            help="aws is any S3; Kurator implements no other",
            field=f"{_AT}.backup.storage.location.provider",
        ),
        Parameter("endpoint", "Endpoint", help="URL", field=f"{_AT}.backup.storage.location.endpoint"),
        Parameter("region", "Region", help="-: none", field=f"{_AT}.backup.storage.location.region"),
        Parameter(
            "secret",
            "Secret",
            help="with the keys access-key and secret-key",
            field=f"{_AT}.backup.storage.secretName",
        ),
        _values("backup"),
        _chart("backup"),
    ),
    _verb(
        "storage",
        "distributedStorage",
        "Turn distributed storage on or change it: Rook and Ceph on each member",
        Parameter(
            "path",
            "Path",
            help="of each node, for its data",
            field=f"{_AT}.distributedStorage.storage.dataDirHostPath",
        ),
        Parameter(
            "monitors",
            "Monitors",
            "int",
            help="an odd number",
            field=f"{_AT}.distributedStorage.storage.monitor.count",
        ),
        Parameter("managers", "Managers", "int", field=f"{_AT}.distributedStorage.storage.manager.count"),
        Parameter(
            "nodes",
            "Nodes",
            help="with blanks between, or all; those that give storage",
            field=f"{_AT}.distributedStorage.storage.storage.nodes",
        ),
        Parameter(
            "devices",
            "Devices",
            help="with blanks between, such as sdb; on every one of the nodes",
            field=f"{_AT}.distributedStorage.storage.storage.devices",
        ),
        _values("distributedStorage"),
        _chart("distributedStorage"),
        risk=Risk.DESTRUCTIVE,
    ),
    _verb(
        "flagger",
        "flagger",
        "Turn rollouts on or change them: Flagger on each member",
        Parameter(
            "provider",
            "Provider",
            "choice",
            choices=("", "istio", "kuma", "nginx"),
            help="of traffic; kuma and nginx are installed, too, istio must be there",
            field=f"{_AT}.flagger.trafficRoutingProvider",
        ),
        Parameter(
            "testloader",
            "Test loader",
            "choice",
            choices=("", "yes", "no"),
            help="one for all rollouts of a member",
            field=f"{_AT}.flagger.publicTestloader",
        ),
        _values("flagger"),
        _chart("flagger"),
        _values("flagger.config", "provider-values", "Its values"),
        _chart("flagger.config", "provider-chart", "Its chart"),
    ),
    _verb(
        "submariner",
        "submariner",
        "Turn networks between members on or change them: Submariner, with its broker on one member",
        Parameter(
            "broker",
            "Broker",
            help="a member; empty at first: the first one",
            field=f"{_AT}.submariner.brokerCluster",
        ),
        Parameter("pods", "Pods", "pairs", help="member=CIDR of its pods", field=f"{_AT}.submariner.clusterCidrs"),
        Parameter(
            "services",
            "Services",
            "pairs",
            help="member=CIDR of its services",
            field=f"{_AT}.submariner.serviceCidrs",
        ),
        Parameter(
            "global",
            "Global",
            "pairs",
            help="member=CIDR, each its own: needed where pods or services overlap",
            field=f"{_AT}.submariner.globalcidrs",
        ),
        _values("submariner"),
        _chart("submariner"),
    ),
    Verb(
        "plugin.off",
        "Plugin off",
        "Turn a plugin of a Fleet off: Helm uninstalls it from every member",
        _GROUP,
        Risk.DESTRUCTIVE,
        (FLEET,),
        parameters=(
            Parameter(
                "plugin",
                "Plugin",
                "choice",
                choices=("metric", "grafana", "kyverno", "backup", "storage", "flagger", "submariner"),
                required=True,
            ),
        ),
        many=False,
        patch=f"JSON Patch that removes the plugin from the Fleet's {_AT}",
        owner="written in the Fleet: its HelmReleases are replaced with each of Kurator's passes",
        undo="the plugin is on again with its values; data that went with it does not come back",
    ),
)
