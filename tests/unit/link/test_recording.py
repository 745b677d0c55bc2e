"""The bytes of a recording: what is whole is used, what is wrong is said, nothing secret is in it."""

from __future__ import annotations

import zlib

import pytest

from kurator_tui.link import messages as m
from kurator_tui.link.recording import (
    FORMAT,
    MAGIC,
    Head,
    Mark,
    NoRecording,
    Recording,
    Turned,
    header,
    read,
    record,
)

HEAD = header(Head("1.0", "s1", "prod"))
NOW = 1_800_000_000.0


def seconds(count: int) -> list[bytes]:
    """A keyframe of nothing, and a record a second."""
    begin = [record(NOW, (), Mark.KEYFRAME), record(NOW, (), Mark.WHOLE)]
    return begin + [record(NOW + at, [m.ClusterForgotten(f"c{at}")]) for at in range(1, count)]


def test_what_was_written_is_read_with_its_moments_and_marks() -> None:
    found = read(HEAD + b"".join(seconds(3)) + record(NOW + 3, [Turned(2, ("disk full",))], Mark.TURNED))
    assert found.head == Head("1.0", "s1", "prod")
    assert [each.at - NOW for each in found.records] == [0, 0, 1, 2, 3]
    assert found.entries(found.records[2]) == [m.ClusterForgotten("c1")]
    assert list(found.turns()) == [(NOW + 3, Turned(2, ("disk full",)))]
    assert (found.first, found.last, found.problem) == (NOW, NOW + 3, "")


def test_a_large_record_is_packed_and_read_as_it_was() -> None:
    told = [m.FreshnessChanged(f"member-{n}", "pods", "live", NOW) for n in range(200)]
    piece = record(NOW, told)
    assert len(piece) < 2000
    found = read(HEAD + piece)
    assert found.entries(found.records[0]) == told


@pytest.mark.parametrize("missing", [1, 5, 17, 20, 40])
def test_what_is_whole_of_a_file_cut_short_is_used_and_where_it_ends_is_said(missing: int) -> None:
    whole = HEAD + b"".join(seconds(5))
    found = read(whole[:-missing])
    kept = len(found.records)
    assert 0 < kept < 6
    assert found.records == read(whole).records[:kept]
    assert found.problem.startswith("cut short after 20")


def test_a_cut_anywhere_never_raises_but_for_what_has_no_head() -> None:
    whole = HEAD + b"".join(seconds(3))
    for end in range(len(whole)):
        if end < len(HEAD):
            with pytest.raises(NoRecording):
                read(whole[:end])
        else:
            found = read(whole[:end])
            assert all(found.entries(each) is not None for each in found.records)


def test_a_flipped_bit_ends_what_is_used() -> None:
    pieces = seconds(4)
    broken = bytearray(pieces[3])
    broken[-1] ^= 1
    found = read(HEAD + b"".join(pieces[:3]) + bytes(broken) + pieces[4])
    assert len(found.records) == 3
    assert found.problem.startswith("damaged after ")


def test_a_moment_cannot_be_changed_without_being_noticed() -> None:
    piece = bytearray(record(NOW, [m.ClusterForgotten("c")]))
    piece[12] ^= 1
    assert read(HEAD + bytes(piece)).problem == "damaged from its beginning"


def test_moments_that_go_back_are_damage() -> None:
    found = read(HEAD + record(NOW, ()) + record(NOW - 1, ()))
    assert (len(found.records), found.problem[:7]) == (1, "damaged")


def test_another_format_is_refused_with_its_number() -> None:
    other = HEAD.replace(b" %d\n" % FORMAT, b" %d\n" % (FORMAT + 1), 1)
    with pytest.raises(NoRecording, match=f"format '{FORMAT + 1}', this program reads {FORMAT}"):
        read(other)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", MAGIC, b"\n" * 100, MAGIC + b"1" * 1000])
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(NoRecording):
        read(data)


def test_a_record_that_unpacks_to_more_than_a_record_holds_is_not_unpacked() -> None:
    import msgspec

    from kurator_tui.link import recording

    bomb = zlib.compress(b"\0" * (recording.LARGEST + 1), 9)
    mark = Mark.PACKED
    check = zlib.crc32(bomb, zlib.crc32(recording._SUMMED.pack(NOW, mark)))
    found = read(HEAD + recording._RECORD.pack(len(bomb), check, NOW, mark) + bomb)
    with pytest.raises(msgspec.DecodeError, match="more than a record holds"):
        found.entries(found.records[0])


def test_the_keyframe_of_a_moment_is_the_last_one_that_was_whole_then() -> None:
    def keyframe(at: float) -> list[bytes]:
        return [record(at, (), Mark.KEYFRAME), record(at, (), Mark.WHOLE)]

    pieces = [*keyframe(NOW), record(NOW + 1, ()), *keyframe(NOW + 2), record(NOW + 3, ())]
    found = read(HEAD + b"".join(pieces) + record(NOW + 4, (), Mark.KEYFRAME))  # and one that never was whole
    assert [found.keyframe(NOW + at) for at in (-1, 0, 1, 2, 5)] == [None, 0, 0, 3, 3]


def test_a_recording_without_a_whole_keyframe_can_show_nothing() -> None:
    found = read(HEAD + record(NOW, (), Mark.KEYFRAME))
    assert isinstance(found, Recording)
    assert found.first is None
