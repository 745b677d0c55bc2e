"""What the feeder answers to a console's questions, whatever the servers answered to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kurator_tui.errors import ConsoleError
from kurator_tui.feeder import calls
from kurator_tui.feeder.calls import LAST_APPLIED, MASK, get_object, masked
from kurator_tui.feeder.feeder import Feeder
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from tests.unit.feeder.pipe import Pipe

WHICH = {"kind": POD.id, "cluster": "a", "namespace": "default", "name": "x"}


def hub_answering(body: bytes) -> Hub:
    """A hub whose only member answers every request with `body`."""

    async def fetch(_path: str) -> SimpleNamespace:
        return SimpleNamespace(body=body)

    path = SimpleNamespace(item=lambda namespace, name: f"/{namespace}/{name}")
    link = SimpleNamespace(
        facts=SimpleNamespace(server="https://a"),
        fetch=fetch,
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


def test_every_secret_of_a_list_is_masked() -> None:
    secret: dict[str, Any] = {
        "data": {"token": "c2VjcmV0"},
        "metadata": {"annotations": {LAST_APPLIED: "c2VjcmV0"}, "managedFields": ["c2VjcmV0"]},
    }
    typed = {"kind": "SecretList", "items": [secret]}
    mixed = {"kind": "List", "items": [{**secret, "kind": "Secret"}, {"kind": "Pod"}]}
    assert "c2VjcmV0" not in str(masked(typed))
    assert "c2VjcmV0" not in str(masked(mixed))
    assert masked(typed)["items"][0]["data"] == {"token": MASK}


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
