"""Credentials of a Thanos: by reference only, read with each query, never told."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.link.access import Access
from kurator_tui.metrics.access import headers
from kurator_tui.metrics.client import Thanos
from tests.unit.metrics.server import serving


def test_a_bearer_token_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    assert headers(Access(token=f"file:{tmp_path}/token"), {}) == {"Authorization": "Bearer hunter2"}
    assert headers(Access(token="env:T"), {"T": "hunter3"}) == {"Authorization": "Bearer hunter3"}


def test_basic_authentication_has_its_password_by_reference() -> None:
    found = headers(Access(user="ann", password="env:P"), {"P": "pa:ss"})
    assert base64.b64decode(found["Authorization"].removeprefix("Basic ")) == b"ann:pa:ss"


def test_further_headers_may_be_plain_unless_they_are_credentials() -> None:
    assert headers(Access(headers={"THANOS-TENANT": "blue", "X-Key": "env:K"}), {"K": "k"}) == {
        "THANOS-TENANT": "blue",
        "X-Key": "k",
    }
    with pytest.raises(UsageError):
        headers(Access(headers={"Authorization": "Bearer hunter2"}), {})


@pytest.mark.parametrize(
    "access",
    [
        Access(token="hunter2"),
        Access(token="env:MISSING"),
        Access(token="file:/nonexistent/hunter"),
        Access(user="u", password="hunter2"),
        Access(headers={"X": "env:BROKEN"}),
    ],
)
def test_what_cannot_be_used_names_the_setting_and_not_the_secret(access: Access) -> None:
    with pytest.raises(UsageError) as caught:
        headers(access, {"BROKEN": "hunter2\r\nX-Evil: 1"})
    assert "thanos_access." in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


async def test_a_token_that_was_renewed_is_used_with_the_next_query(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("one")
    with serving() as server:
        client = Thanos(server.url, access=Access(token=f"file:{token}"))
        await client.query("up")
        token.write_text("two")
        await client.query("up")
        await client.close()
        assert [given["Authorization"] for given in server.given] == ["Bearer one", "Bearer two"]


async def test_a_token_that_cannot_be_read_fails_the_query_and_sends_nothing(tmp_path: Path) -> None:
    with serving() as server:
        client = Thanos(server.url, access=Access(token=f"file:{tmp_path}/none"))
        with pytest.raises(UsageError):
            await client.query("up")
        await client.close()
        assert server.asked == []
