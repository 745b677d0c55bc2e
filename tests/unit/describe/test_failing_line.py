"""Which line of a log tells the error."""

from __future__ import annotations

import pytest

from kurator_tui.describe.failing_line import failing_line

TRACEBACK = (
    "starting",
    "Traceback (most recent call last):",
    '  File "main.py", line 3, in <module>',
    "    connect()",
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "bye",
)


@pytest.mark.parametrize(
    ("lines", "index"),
    [
        (TRACEBACK, 4),
        (("ok", "ERROR cannot open db", "WARN slow", "done"), 1),
        (("ERROR one", "ERROR two", "closing"), 1),
        (("error: retry", "panic: runtime error: index out of range", "goroutine 1 [running]:", "error: x"), 1),
        (('{"level":"info","msg":"up"}', '{"level":"error","msg":"no route"}'), 1),
        (("E1121 04:00:00 reflector.go:1] watch failed", "I1121 bye"), 0),
        (("java.lang.IllegalStateException: no bean", "\tat com.shop.Main"), 0),
        (("dial tcp 10.0.0.1:5432: connection refused", "exit"), 0),
        (("processed 10 items, 0 errors", "done"), None),
        (("hello", "world"), None),
        ((), None),
        (("x" * 1_000_000 + " ERROR",), None),
    ],
)
def test_the_most_telling_line_is_found(lines: tuple[str, ...], index: int | None) -> None:
    assert failing_line(lines) == index
