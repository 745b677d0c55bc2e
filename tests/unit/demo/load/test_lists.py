"""Pages of one list are one snapshot, plain or compressed."""

import gzip
import json
from typing import Any

import pytest

from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.load.lists import Lists
from kurator_tui.demo.load.tables import Table
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD
from tests.unit.demo.load.worlds import settled


def read(lists: Lists, table: Table, **query: str) -> Any:
    return json.loads(lists.page(table, query.pop("ns", ""), {**query}).body())


def test_pages_hold_everything_once_though_it_changes_meanwhile() -> None:
    member, generator = settled(pods=95)
    lists, names, token = Lists(member), [], ""
    expected = [state.name for state in member.pods.states()]
    version = str(member.rv)
    remaining = []
    while True:
        page = read(lists, member.pods, limit="20", **{"continue": token})
        assert page["metadata"]["resourceVersion"] == version
        names += [item["metadata"]["name"] for item in page["items"]]
        remaining.append(page["metadata"].get("remainingItemCount", 0))
        token = page["metadata"].get("continue", "")
        generator.make(30)
        if not token:
            break
    assert names == expected
    assert remaining == [75, 55, 35, 15, 0]


def test_the_console_decodes_a_page() -> None:
    member, _ = settled(pods=30)
    page = RowDecoder(POD, "m0001").page(Lists(member).page(member.pods, "", {"limit": "25"}).body())
    assert (len(page.rows), page.resource_version, bool(page.continue_token)) == (25, str(member.rv), True)


def test_a_token_older_than_the_history_is_410() -> None:
    member, _ = settled(pods=30)
    lists = Lists(member)
    token = read(lists, member.pods, limit="10")["metadata"]["continue"]
    member.expire()
    with pytest.raises(StatusError) as failure:
        read(lists, member.pods, limit="10", **{"continue": token})
    assert (failure.value.code, failure.value.reason) == (410, "Expired")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "many"}, 400),
        ({"continue": "?"}, 400),
        ({"resourceVersion": "999999999"}, 504),
        ({"resourceVersion": "7", "resourceVersionMatch": "Exact"}, 410),
        ({"labelSelector": "app=web"}, 400),
        ({"fieldSelector": "spec.nodeName=x"}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_as_a_server_does(query: dict[str, str], code: int) -> None:
    member, _ = settled()
    with pytest.raises(StatusError) as failure:
        Lists(member).page(member.pods, "", query)
    assert failure.value.code == code


def test_namespaces_and_names_select() -> None:
    member, _ = settled(pods=50)
    lists, wanted = Lists(member), member.pods.states()[7]
    shop = read(lists, member.pods, ns="shop")["items"]
    assert {item["metadata"]["namespace"] for item in shop} == {"shop"}
    assert len(shop) == sum(state.namespace == "shop" for state in member.pods.states())
    (one,) = read(lists, member.pods, fieldSelector=f"metadata.name={wanted.name}")["items"]
    assert one["metadata"]["name"] == wanted.name


def test_compressed_pages_are_kept_until_something_newer_is() -> None:
    member, generator = settled(pods=60)
    lists = Lists(member)
    lists.warm(member.pods, 30)
    page = lists.page(member.pods, "", {"limit": "30"})
    packed = lists.packed(page)
    assert packed is not None
    assert gzip.decompress(packed) == page.body()
    generator.make(1)
    changed = lists.page(member.pods, "", {"limit": "30"})
    assert lists.packed(changed) is None
    assert gzip.decompress(lists.pack(changed, changed.pieces())) == changed.body()
    assert lists.packed(page) is None


def test_kinds_without_objects_are_empty_lists() -> None:
    member, _ = settled()
    answer = read(Lists(member), member.tables["apps", "deployments"], labelSelector="app=web")
    assert (answer["kind"], answer["apiVersion"], answer["items"]) == ("DeploymentList", "apps/v1", [])
