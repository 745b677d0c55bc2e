from __future__ import annotations

import random
from dataclasses import replace
from types import UnionType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.forwards import FORWARDS
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview, PluginCell
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store import saved
from kurator_tui.store.saved import About, Collector, Part, Table, decode, pack, text_fields, unpack
from tests.unit.store.support import NOW, THING, thing

ABOUT = About("1.0", "estate", "prod", "https://api:6443")
SECRET = "token=hunter2"


def packed(*tables: Table, kind: AnyKind = THING, about: About = ABOUT, limit: int = saved.LIMIT) -> bytes:
    collector = Collector(limit)
    list(collector.add(kind, tables))
    return b"".join(pack(about, collector.parts, [kind]))


def rows_in(data: bytes, kind: AnyKind = THING, about: About = ABOUT) -> dict[tuple[str, float], list[Row]]:
    found = unpack(data, about)
    assert found is not None
    return {
        (part.cluster, part.since): [row for rows in decode(kind, part) for row in rows] for part in found.of(kind)
    }


def full(shape: type[msgspec.Struct]) -> Any:
    """A struct whose every text says `SECRET`."""

    def value(annotation: Any) -> Any:
        text = repr(annotation)
        if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
            return full(annotation)
        if isinstance(annotation, UnionType):
            return value(annotation.__args__[0])
        if text.startswith("tuple"):
            inner = [argument for argument in annotation.__args__ if argument is not Ellipsis]
            return tuple(value(argument) for argument in inner)
        if annotation is str or "str" in text:
            return SECRET
        return Level.HEALTHY if annotation is Level else True if "bool" in text else 1

    return shape(**{field.name: value(field.type) for field in msgspec.structs.fields(shape)})


def test_rows_come_back_as_they_were_by_cluster_with_the_moment_they_were_true() -> None:
    one = [thing(f"a-{i}", cluster="a") for i in range(2 * saved.CHUNK + 1)]
    two = [thing("b-1", cluster="b", memory=2**40, ready=None, labels=(("app", "web"),))]
    data = packed(Table("a", NOW, one), Table("b", NOW - 60, two), Table("empty", NOW, []))
    assert rows_in(data) == {("a", NOW): one, ("b", NOW - 60): two, ("empty", NOW): []}


SAVED = [kind for kind in KINDS.values() if kind is not FORWARDS]


@pytest.mark.parametrize("kind", SAVED, ids=lambda kind: kind.id)
def test_every_text_field_of_every_kind_is_decided_about(kind: AnyKind) -> None:
    shapes = [kind.row, *saved.nested(kind.row).values()]
    for shape in shapes:
        undecided = text_fields(shape) - saved.KEPT - saved.LEFT_OUT - saved.URLS
        assert not undecided, f"{shape.__name__}: add {undecided} to KEPT or LEFT_OUT"


def test_no_field_is_decided_about_twice() -> None:
    assert not saved.KEPT & saved.LEFT_OUT
    assert not saved.URLS & (saved.KEPT | saved.LEFT_OUT)


@pytest.mark.parametrize("kind", SAVED, ids=lambda kind: kind.id)
def test_free_text_and_names_of_secrets_are_blank_in_every_kind(kind: AnyKind) -> None:
    row = full(kind.row)
    (found,) = rows_in(packed(Table(SECRET, NOW, [row]), kind=kind), kind).values()
    shapes = [(found[0], row), *_inner(kind, found[0], row)]
    for back, before in shapes:
        for name in text_fields(type(back)):
            kept = getattr(back, name)
            assert not kept if name in saved.LEFT_OUT else kept == getattr(before, name), name


def _inner(kind: AnyKind, back: Any, before: Any) -> list[tuple[Any, Any]]:
    return [
        pair
        for name in saved.nested(kind.row)
        for pair in zip(getattr(back, name), getattr(before, name), strict=True)
    ]


def test_free_text_of_rows_inside_a_row_is_left_out_too() -> None:
    cell = PluginCell("metric", "prometheus", "a", Level.FAILED, reason=SECRET, release="prometheus-a")
    fleet = FleetOverview("host", "default", "f", "u", 1.0, reason=SECRET, plugins=(cell,))
    data = packed(Table("host", NOW, [fleet]), kind=FLEETS)
    assert SECRET.encode() not in data
    ((back,),) = rows_in(data, FLEETS).values()
    assert isinstance(back, FleetOverview)
    assert back.plugins[0].release == "prometheus-a"


def test_a_url_with_credentials_in_it_is_left_out_and_a_plain_one_is_not() -> None:
    rows = [
        ClusterOverview(name, "", name, name, 1.0, server=url, endpoint=url)
        for name, url in (("a", "https://me:hunter2@a"), ("b", "https://b:6443"))
    ]
    data = packed(*(Table(row.cluster, NOW, [row]) for row in rows), kind=CLUSTERS)
    assert b"hunter2" not in data
    assert b"https://b:6443" in data
    assert saved.plain("https://me:hunter2@a") == ""


ANY_THING: AnyKind = THING


class SurpriseRow(Row, frozen=True, gc=False, array_like=True):
    surprise: str = ""
    surprises: tuple[str, ...] = ()


def test_a_text_field_nobody_decided_about_is_not_written() -> None:
    kind: AnyKind = replace(ANY_THING, id="surprises", row=SurpriseRow, columns=())
    data = packed(Table("a", NOW, [SurpriseRow("a", "", "n", "u", 1.0, SECRET, (SECRET,))]), kind=kind)
    assert SECRET.encode() not in data


def test_a_kind_that_does_not_fit_is_left_out_whole_and_the_others_stay() -> None:
    collector = Collector(limit=20_000)
    small = [Table("a", NOW, [thing("one", cluster="a")])]
    large = [Table(name, NOW, [thing(f"{i}", cluster=name) for i in range(300)]) for name in "abc"]
    for id, tables in (("first", small), ("many", large), ("last", small)):
        list(collector.add(replace(THING, id=id), tables))
    assert [part.kind for part in collector.parts] == ["first", "last"]
    assert collector.left_out == ["many"]
    assert collector.size == sum(part.size for part in collector.parts) <= 20_000


def test_rows_that_can_never_fit_are_not_even_encoded() -> None:
    collector = Collector(limit=1000)
    steps = list(collector.add(THING, [Table("a", NOW, [thing()] * 600)]))
    assert (steps, collector.left_out) == ([], [THING.id])


def test_encoding_stops_after_each_chunk_so_that_a_screen_may_have_its_turn() -> None:
    rows = [thing(f"{i}") for i in range(3 * saved.CHUNK)]
    assert len(list(Collector().add(THING, [Table("eu-1", NOW, rows)]))) == 3


def test_parts_of_an_earlier_file_are_carried_on_with_their_own_age() -> None:
    found = unpack(packed(Table("old", NOW - 3600, [thing("old", cluster="old")])), ABOUT)
    assert found is not None
    collector = Collector()
    new = [thing("new", cluster="new")]
    list(collector.add(THING, [Table("new", NOW, new)], found.of(THING)))
    data = b"".join(pack(ABOUT, collector.parts, [THING]))
    assert rows_in(data) == {("old", NOW - 3600): [thing("old", cluster="old")], ("new", NOW): new}


@pytest.mark.parametrize(
    "other", [About("2.0", "estate"), About("1.0", "another")], ids=["another version", "another estate"]
)
def test_a_file_of_something_else_is_ignored(other: About) -> None:
    assert unpack(packed(Table("a", NOW, [])), other) is None


def test_the_server_and_context_are_for_the_reader_to_compare() -> None:
    found = unpack(packed(), About("1.0", "estate"))
    assert found is not None
    assert (found.about.context, found.about.server) == ("prod", "https://api:6443")


def test_rows_of_another_shape_are_ignored_and_only_those() -> None:
    collector = Collector()
    list(collector.add(THING, [Table("a", NOW, [thing(cluster="a")])]))
    list(collector.add(FLEETS, [Table("a", NOW, [FleetOverview("a", "", "f", "f", 1.0)])]))
    found = unpack(b"".join(pack(ABOUT, collector.parts, [THING, FLEETS])), ABOUT)
    assert found is not None
    renamed: AnyKind = replace(ANY_THING, row=SurpriseRow, columns=())
    assert found.of(renamed) == []
    assert [part.kind for part in found.of(FLEETS)] == [FLEETS.id]


def test_a_field_of_another_type_is_another_shape() -> None:
    before = msgspec.defstruct("R", [("cluster", str), ("n", int)])
    after = msgspec.defstruct("R", [("cluster", str), ("n", float)])
    assert saved.fingerprint(before) != saved.fingerprint(after)


def test_rows_of_another_cluster_than_the_file_says_are_no_rows() -> None:
    (part,) = unpack(packed(Table("a", NOW, [thing(cluster="b")])), ABOUT).parts  # type: ignore[union-attr]
    with pytest.raises(msgspec.DecodeError):
        list(decode(THING, part))


def test_rows_of_another_kind_are_no_rows() -> None:
    (part,) = unpack(packed(Table("a", NOW, [thing(cluster="a")])), ABOUT).parts  # type: ignore[union-attr]
    with pytest.raises(msgspec.DecodeError):
        list(decode(CLUSTERS, part))


def _read(data: bytes) -> list[Row]:
    found = unpack(data, ABOUT)
    return (
        [] if found is None else [row for part in found.of(THING) for rows in decode(THING, part) for row in rows]
    )


def test_a_file_cut_anywhere_holds_nothing() -> None:
    data = packed(Table("a", NOW, [thing(cluster="a")]))
    assert all(unpack(data[:length], ABOUT) is None for length in range(len(data)))
    assert unpack(data + b"x", ABOUT) is None


def test_a_flipped_bit_anywhere_is_noticed_or_harmless() -> None:
    rows = [thing(cluster="a")]
    data = packed(Table("a", NOW, rows))
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 1 << random.Random(at).randrange(8)
        try:
            assert _read(bytes(broken)) in ([], rows)
        except msgspec.DecodeError:
            continue


@given(st.binary(max_size=200))
def test_random_bytes_hold_nothing(noise: bytes) -> None:
    assert unpack(noise, ABOUT) is None
    assert unpack(saved.MAGIC + noise, ABOUT) is None


def test_an_index_of_wrong_types_holds_nothing() -> None:
    import struct
    import zlib

    nested: Any = []
    for _ in range(600):
        nested = [nested]
    good = [["1.0", "estate", "", ""], {}, []]
    for content in (
        None,
        [],
        {"a": 1},
        [1, 2, 3],
        nested,
        [good[0], {}, [["things", "a", 1.0, [[-5, 1]]]]],
        [good[0], {}, [["things", "a", 1.0, [[2**62, 1]]]]],
        [good[0], {}, [["things", "a", float("nan"), []]]],
    ):
        index = msgspec.msgpack.encode(content)
        data = saved.MAGIC + struct.pack(">II", len(index), zlib.crc32(index)) + index
        assert unpack(data, ABOUT) is None
    index = msgspec.msgpack.encode(good)
    assert unpack(saved.MAGIC + struct.pack(">II", len(index), zlib.crc32(index)) + index, ABOUT) is not None


def test_a_part_knows_its_size() -> None:
    (part,) = unpack(packed(Table("a", NOW, [thing(cluster="a")])), ABOUT).parts  # type: ignore[union-attr]
    assert part.size == sum(len(chunk.data) for chunk in part.chunks) > 0
    assert Part("things", "a", NOW, ()).size == 0


class OlderRow(Row, frozen=True, gc=False, array_like=True):
    phase: str = ""


class NewerRow(Row, frozen=True, gc=False, array_like=True):
    phase: str = ""
    count: int = 0


class OtherRow(Row, frozen=True, gc=False, array_like=True):
    count: int = 0
    phase: str = ""


def test_rows_that_have_got_a_field_at_their_end_are_read_by_what_they_were_before() -> None:
    told = saved.fingerprint(OlderRow)
    assert told in saved.fingerprints(NewerRow)
    assert told not in saved.fingerprints(OtherRow)
    assert saved.fingerprint(NewerRow) not in saved.fingerprints(OlderRow)
    old = msgspec.msgpack.encode(OlderRow("a", "", "n", "u", 1.0, "Ready"))
    assert msgspec.msgpack.decode(old, type=NewerRow) == NewerRow("a", "", "n", "u", 1.0, "Ready", 0)
