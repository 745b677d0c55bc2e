"""Names out of cluster objects lead nowhere but to the Secret they name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kurator_tui.errors import CredentialError, Forbidden, ForbiddenCredential
from kurator_tui.fleet.credentials import find
from kurator_tui.fleet.membership import Member


@pytest.mark.parametrize(
    ("namespace", "secret"), [("ns", ".."), ("ns", "../../kube-system/secrets/admin"), ("..", "s"), ("a/b", "s")]
)
async def test_a_secret_that_is_no_name_is_not_asked_for(namespace: str, secret: str) -> None:
    async def request(*asked: object, **more: object) -> None:
        pytest.fail("the host was asked")

    host: Any = SimpleNamespace(request=request)
    member = Member("m", "AttachedCluster", namespace, "m", secret)
    own: Any = SimpleNamespace(for_server=lambda url: None)
    with pytest.raises(CredentialError, match="is no name of an object"):
        await find(member, host, own)


@pytest.mark.parametrize(("secret", "prefix"), [("s", ""), ("", "s-")], ids=["read", "list"])
async def test_a_secret_this_user_may_not_see_is_a_matter_of_rights(secret: str, prefix: str) -> None:
    async def request(*asked: object, **more: object) -> None:
        raise Forbidden("secrets is forbidden", code=403)

    host: Any = SimpleNamespace(request=request)
    own: Any = SimpleNamespace(for_server=lambda url: None)
    with pytest.raises(ForbiddenCredential, match="you may not"):
        await find(Member("m", "AttachedCluster", "ns", "m", secret, secret_prefix=prefix), host, own)
