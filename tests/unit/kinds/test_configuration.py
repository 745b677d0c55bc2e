"""What workloads are given: nothing secret is read, quotas say what runs out."""

from __future__ import annotations

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.configuration import CONFIG_MAP, LEASE, LIMIT_RANGE, RESOURCE_QUOTA, SECRET, SERVICE_ACCOUNT
from tests.unit.kinds.support import health, meta, values


def test_data_of_config_maps_and_secrets_is_not_asked_for() -> None:
    assert CONFIG_MAP.metadata_only
    assert SECRET.metadata_only


def test_a_secret_of_a_helm_release_names_it() -> None:
    labels = {"owner": "helm", "name": "web", "version": "3"}
    assert values(SECRET, "release", "version", metadata=meta(labels=labels)) == ("web", "3")
    assert values(SECRET, "release", metadata=meta(labels={"name": "web"})) == ("",)


def test_a_quota_shows_the_resource_nearest_to_its_end() -> None:
    hard = {"cpu": "4", "memory": "8Gi", "count/services.loadbalancers": "0"}
    status = {"hard": hard, "used": {"cpu": "1", "memory": "6Gi"}}
    assert values(RESOURCE_QUOTA, "fullest", "share", status=status) == ("memory", 0.75)
    assert values(RESOURCE_QUOTA, "used", status={"hard": {"cpu": "4"}, "used": {}}) == ("cpu 0/4",)
    assert health(RESOURCE_QUOTA, status=status) == HEALTHY
    full = {"hard": hard, "used": {"cpu": "4000m"}}
    assert health(RESOURCE_QUOTA, status=full) == Health(Level.DEGRADED, "cpu is used up")
    assert health(RESOURCE_QUOTA) == HEALTHY


def test_the_others() -> None:
    account = {"secrets": [{"name": "a"}], "imagePullSecrets": [{"name": "r"}]}
    assert values(SERVICE_ACCOUNT, "secrets", "pull_secrets", **account) == (1, "r")
    assert values(SERVICE_ACCOUNT, "secrets") == (0,)
    limits = [{"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "2"}}, {"type": "Pod"}]
    found = values(LIMIT_RANGE, "types", "default", "max", spec={"limits": limits})
    assert found == ("Container,Pod", "cpu=1", "cpu=2")
    spec = {"holderIdentity": "n1", "renewTime": "1970-01-01T00:01:00.000000Z"}
    assert values(LEASE, "holder", "renewed", spec=spec) == ("n1", 60.0)
