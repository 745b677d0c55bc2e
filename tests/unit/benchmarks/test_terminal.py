"""Frames are found wherever reads cut the output, and a real program is driven and timed."""

import sys

import pytest

from benchmarks.soak import slope
from benchmarks.terminal import Terminal, terminal

BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
ECHO = "import sys,tty; tty.setraw(0); sys.stdout.write('ready'); sys.stdout.flush()\n"
ECHO += "for byte in iter(lambda: sys.stdin.read(1), 'q'): sys.stdout.write(f'<{byte}>'); sys.stdout.flush()"


class Deaf(Terminal):
    """The scanner alone: no program, times by hand."""

    def __init__(self) -> None:
        self.frames, self._tail, self._frame_began, self._frame_bytes = [], b"", 0.0, 0

    def scan(self, *chunks: bytes) -> None:
        for now, chunk in enumerate(chunks, 1):
            self._scan(chunk, float(now))


def test_a_marked_frame_ends_with_its_mark() -> None:
    deaf = Deaf()
    deaf.scan(BEGIN + b"abc", b"def", b"gh" + END)
    assert [(frame.began, frame.ended, frame.loose) for frame in deaf.frames] == [(1.0, 3.0, False)]
    assert deaf.frames[0].bytes == len(BEGIN) + 8 + len(END)


@pytest.mark.parametrize("cut", range(1, len(BEGIN)))
def test_a_mark_that_is_cut_is_a_mark(cut: int) -> None:
    deaf = Deaf()
    deaf.scan(BEGIN[:cut], BEGIN[cut:] + b"abc" + END[:cut], END[cut:])
    assert [(frame.began, frame.ended) for frame in deaf.frames if not frame.loose] == [(2.0, 3.0)]


def test_output_without_marks_is_a_frame_of_its_own() -> None:
    deaf = Deaf()
    deaf.scan(b"x" * 70, BEGIN + b"abc" + END, b"y" * 30)
    assert [(frame.began, frame.bytes, frame.loose) for frame in deaf.frames] == [
        (1.0, 70, True),
        (2.0, 19, False),
        (3.0, 30, True),
    ]


def test_the_answering_frame_is_the_first_that_began_later() -> None:
    deaf = Deaf()
    deaf.scan(b"a", b"b", b"c")
    found = deaf.frame_after(1.5)
    assert found is not None
    assert found.began == 2.0
    assert deaf.frame_after(3.5) is None


def test_a_program_is_typed_to_and_read() -> None:
    with terminal([sys.executable, "-c", ECHO]) as running:
        running.until_shown("ready")
        pressed = running.type(b"k")
        frame = running.until_frame(pressed)
        assert running.until_shown("<k>") >= pressed
        assert frame.ended >= frame.began >= pressed
    assert not running.alive


def test_growth_is_told_from_noise() -> None:
    assert slope([(minute, 100.0 + 0.5 * minute) for minute in range(10)]) == pytest.approx(0.5)
    assert slope([(minute, 100.0 + minute % 2) for minute in range(1000)]) == pytest.approx(0.0, abs=1e-3)
