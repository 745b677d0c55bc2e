"""What the feeder answers to a console's questions, whatever the servers answered to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import cast

import pytest

from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.feeder import calls
from kurator_tui.feeder.calls import get_object
from kurator_tui.feeder.feeder import Feeder
from kurator_tui.feeder.reading import reveal
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.masking import MASK
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from tests.unit.feeder.pipe import Pipe

WHICH = {"kind": POD.id, "cluster": "a", "namespace": "default", "name": "x"}


def hub_answering(body: bytes) -> Hub:
    """A hub whose only member answers every request with `body`."""

    async def request(_method: str, _path: str, headers: object = None) -> SimpleNamespace:
        assert headers is None
        return SimpleNamespace(body=body)

    path = SimpleNamespace(item=lambda namespace, name: f"/{namespace}/{name}")
    link = SimpleNamespace(
        connection=SimpleNamespace(server="https://a", request=request),
        served=SimpleNamespace(resolve=lambda _kind: path),
    )
    return cast(Hub, SimpleNamespace(links={"a": link}))


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b'"text"', b"<html>", b"\xff", b"[" * 200_000],
    ids=["list", "null", "text", "html", "bytes", "deep"],
)
async def test_an_object_that_is_none_is_an_error_for_the_user(body: bytes) -> None:
    with pytest.raises(ConsoleError):
        await get_object(hub_answering(body), WHICH)


async def test_an_object_with_odd_metadata_is_shown_all_the_same() -> None:
    assert await get_object(hub_answering(b'{"kind":"Secret","metadata":[1],"data":"x"}'), WHICH) == (
        f"kind: Secret\nmetadata:\n- 1\ndata: {MASK}\n"
    )


async def test_one_value_of_a_secret_is_revealed_as_the_server_has_it() -> None:
    hub = hub_answering(b'{"kind":"Secret","data":{"token":"c2VjcmV0"}}')
    assert await reveal(hub, {**WHICH, "key": "token"}) == "c2VjcmV0"
    with pytest.raises(NotFound):
        await reveal(hub, {**WHICH, "key": "other"})


async def test_a_mistake_in_one_call_is_its_answer_and_the_feeder_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_hub: Hub, _arguments: Mapping[str, str]) -> str:
        raise KeyError("gone")

    monkeypatch.setitem(calls.CALLS, "broken", broken)
    pipe = Pipe()
    feeder = Feeder(asyncio.StreamReader(), pipe.writer)
    feeder._hub = hub_answering(b"")
    await feeder._call(m.Called(7, "broken"))
    (answer,) = pipe.sent
    assert isinstance(answer, m.Answered)
    assert (answer.call, answer.title, "KeyError" in answer.message) == (7, "Error", True)


async def test_an_object_comes_as_json_when_asked_for() -> None:
    hub = hub_answering(b'{"kind":"Pod","metadata":{"name":"x","managedFields":[1]}}')
    answer = await get_object(hub, {**WHICH, "format": "json"})
    assert json.loads(answer) == {"kind": "Pod", "metadata": {"name": "x"}}
