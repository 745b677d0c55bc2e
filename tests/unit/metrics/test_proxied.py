"""Where Thanos is looked for in the host: the plugin's Service, the CLI's, then any that a chart labelled."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from kurator_tui.api.connection import Connection, Response
from kurator_tui.errors import (
    Broken,
    ConsoleError,
    Forbidden,
    NotFound,
    NotInstalled,
    ServerFault,
    TimedOut,
    TooLarge,
    TransportError,
)
from kurator_tui.metrics.answers import LARGEST
from kurator_tui.metrics.proxied import LABELLED, in_host
from tests.unit.metrics.server import OK

PLUGIN = "/api/v1/namespaces/eu/services/http:eu-thanos-query:9090/proxy/api/v1/query"
CLI = "/api/v1/namespaces/thanos/services/http:thanos-query:9090/proxy/api/v1/query"
OTHER = "/api/v1/namespaces/obs/services/http:querier:10902/proxy/api/v1/query"


class FakeHost:
    """Answers GETs by path: a body, or an error; what is not there is not found."""

    def __init__(self, **_nothing: object) -> None:
        self.replies: dict[str, bytes | ConsoleError] = {}
        self.asked: list[str] = []
        self.selectors: list[str] = []

    async def request(self, method: str, path: str, *, query: Any = (), **_options: Any) -> Response:
        assert method == "GET"
        self.asked.append(path)
        self.selectors += [value for key, value in query if key == "labelSelector"]
        reply = self.replies.get(path, NotFound("no such service", code=404))
        if isinstance(reply, ConsoleError):
            raise reply
        return Response(200, {}, reply)

    @property
    def connection(self) -> Connection:
        return cast(Connection, self)


def services(*found: tuple[str, str, list[dict[str, Any]]]) -> bytes:
    items = [{"metadata": {"namespace": ns, "name": name}, "spec": {"ports": ports}} for ns, name, ports in found]
    return json.dumps({"items": items}).encode()


QUERIER = ("obs", "querier", [{"name": "grpc", "port": 10901}, {"name": "http", "port": 10902}])


async def test_the_plugins_service_of_the_namespace_comes_first() -> None:
    host = FakeHost()
    host.replies = {PLUGIN: OK, CLI: OK}
    source = in_host(lambda: host.connection, "eu")
    assert (await source.query("up")).samples
    assert (host.asked, source.name) == ([PLUGIN], "eu/eu-thanos-query")


@pytest.mark.parametrize(
    "error", [NotFound("no", code=404), Forbidden("no", code=403), ServerFault("no endpoints", code=503)]
)
async def test_one_that_is_not_there_or_has_no_pods_gives_way_to_the_next(error: ConsoleError) -> None:
    host = FakeHost()
    host.replies = {PLUGIN: error, CLI: OK}
    source = in_host(lambda: host.connection, "eu")
    assert (await source.query("up")).samples
    assert source.name == "thanos/thanos-query"


async def test_a_service_that_a_chart_labelled_is_found_and_kept() -> None:
    host = FakeHost()
    host.replies = {"/api/v1/services": services(QUERIER), OTHER: OK}
    source = in_host(lambda: host.connection, "eu")
    await source.query("up")
    await source.query("up")
    assert host.asked == [PLUGIN, CLI, "/api/v1/services", OTHER, OTHER]
    assert host.selectors == [LABELLED]
    assert source.name == "obs/querier"


async def test_without_any_it_says_where_it_looked_and_what_to_do() -> None:
    host = FakeHost()
    host.replies = {"/api/v1/services": Forbidden("no", code=403)}
    with pytest.raises(NotInstalled) as caught:
        await in_host(lambda: host.connection, "eu").query("up")
    assert "eu/eu-thanos-query nor thanos/thanos-query" in caught.value.message
    assert "metric" in caught.value.hint


async def test_one_that_was_removed_is_looked_for_again() -> None:
    host = FakeHost()
    host.replies = {PLUGIN: OK, CLI: OK}
    source = in_host(lambda: host.connection, "eu")
    await source.query("up")
    del host.replies[PLUGIN]
    with pytest.raises(NotFound):
        await source.query("up")
    await source.query("up")
    assert source.name == "thanos/thanos-query"


async def test_one_that_is_late_once_is_not_another_one() -> None:
    host = FakeHost()
    host.replies = {PLUGIN: OK, CLI: OK}
    source = in_host(lambda: host.connection, "eu")
    await source.query("up")
    host.replies[PLUGIN] = TimedOut("late")
    with pytest.raises(TimedOut):
        await source.query("up")
    host.replies[PLUGIN] = OK
    await source.query("up")
    assert source.name == "eu/eu-thanos-query"


async def test_a_login_page_is_broken_and_not_passed_over() -> None:
    host = FakeHost()
    host.replies = {PLUGIN: b"<html>log in</html>", CLI: OK}
    with pytest.raises(Broken):
        await in_host(lambda: host.connection, "eu").query("up")


@pytest.mark.parametrize("reply", [b" " * (LARGEST + 1), TooLarge("api sent an answer of more than 16 MiB")])
async def test_an_answer_that_is_too_large_says_what_to_do_and_whose_it_is(reply: bytes | ConsoleError) -> None:
    host = FakeHost()
    host.replies[PLUGIN] = reply
    with pytest.raises(TooLarge, match="service eu/eu-thanos-query sent an answer") as caught:
        await in_host(lambda: host.connection, "eu").query("up")
    assert "Ask for less" in caught.value.hint


async def test_without_a_host_nothing_is_asked() -> None:
    with pytest.raises(TransportError):
        await in_host(lambda: None, "eu").query("up")
