"""Tokens, impersonation and access reviews over HTTP."""

import base64

import pytest

from kurator_tui.demo.apiserver.auth import ADMIN, VIEWER
from tests.unit.demo.apiserver.serving import Api, serving

SSAR = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
SSRR = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def allowed(api: Api, token: str, **attributes: str) -> bool:
    body = {"spec": {"resourceAttributes": {"version": "*", **attributes}}}
    status, answer = await api.call("POST", SSAR, body, token=token)
    assert status == 201
    return bool(answer["status"]["allowed"])


@pytest.mark.parametrize(
    ("token", "verb", "group", "resource", "expected"),
    [
        ("a", "delete", "", "pods", True),
        ("v", "list", "", "pods", True),
        ("v", "get", "", "nodes", True),
        ("v", "list", "fleet.kurator.dev", "fleets", True),
        ("v", "patch", "apps", "deployments", False),
        ("v", "get", "", "secrets", False),
        ("n", "list", "", "pods", False),
        ("n", "create", "authorization.k8s.io", "selfsubjectaccessreviews", True),
    ],
)
async def test_roles(token: str, verb: str, group: str, resource: str, expected: bool) -> None:
    async with serving() as api:
        assert await allowed(api, token, verb=verb, group=group, resource=resource) is expected


async def test_subresources_are_rights_of_their_own() -> None:
    async with serving() as api:
        assert await allowed(api, "v", verb="get", resource="pods", subresource="log")
        assert not await allowed(api, "v", verb="create", resource="pods", subresource="eviction")


async def test_discovery_is_open_to_everybody_with_a_token() -> None:
    async with serving() as api:
        assert (await api.call("GET", "/apis", token="n"))[0] == 200
        status, body = await api.call("GET", "/apis", token="")
        assert (status, body["message"]) == (403, 'forbidden: User "system:anonymous" cannot get path "/apis"')
        assert (await api.call("GET", "/healthz", token=""))[0] == 200


async def test_a_wrong_token_is_unauthorized_everywhere() -> None:
    async with serving() as api:
        for path in ("/version", "/api/v1/pods", "/healthz"):
            status, body = await api.call("GET", path, token="wrong")
            assert (status, body["reason"]) == (401, "Unauthorized")


async def test_a_basic_password_is_a_token() -> None:
    async with serving() as api:
        good = base64.b64encode(b"someone:v").decode()
        assert (await api.call("GET", "/api/v1/pods", token="", Authorization=f"Basic {good}"))[0] == 200
        assert (await api.call("GET", "/api/v1/pods", token="", Authorization="Basic !"))[0] == 401


async def test_impersonation_needs_the_right_and_takes_the_rights() -> None:
    async with serving() as api:
        status, who = await api.call("POST", WHO, {}, Impersonate_User="viewer")
        assert (status, who["status"]["userInfo"]["username"]) == (201, "viewer")
        assert (await api.call("GET", "/api/v1/pods", Impersonate_User="viewer"))[0] == 200
        assert (await api.call("GET", "/api/v1/secrets", Impersonate_User="viewer"))[0] == 403
        masters = {"Impersonate-User": "x", "Impersonate-Group": "system:masters"}
        assert (await api.call("GET", "/api/v1/secrets", **masters))[0] == 200
        assert (await api.call("GET", "/api/v1/pods", token="v", Impersonate_User="admin"))[0] == 403


async def test_rules_of_an_admin_are_stars() -> None:
    async with serving() as api:
        _, body = await api.call("POST", SSRR, {"spec": {"namespace": "d"}})
        assert body["status"]["resourceRules"][0] == {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}


async def test_a_review_of_another_user() -> None:
    async with serving() as api:
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        spec = {"user": "viewer", "resourceAttributes": {"verb": "delete", "resource": "pods"}}
        _, body = await api.call("POST", path, {"spec": spec})
        assert body["status"]["allowed"] is False
        status, body = await api.call("POST", path, {"spec": {"user": "viewer"}})
        assert (status, body["reason"]) == (422, "Invalid")


def test_a_resource_can_be_taken_away() -> None:
    user = VIEWER.without("nodes")
    assert user.may("list", "", "pods")
    assert not user.may("list", "", "nodes")
    assert not ADMIN.without("nodes").may("get", "", "nodes/status")
