"""What a real API server answers for logs it cannot give, as the reader of logs judges it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kurator_tui.api.failures import error_from_answer
from kurator_tui.fleet.log_stream import judge
from kurator_tui.kinds.log_lines import FINAL, Mark

RECORDED = Path(__file__).parents[2].parent / "shared" / "recordings" / "apiserver"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("pod-log-no-node", Mark.GONE),
        ("pod-log-missing-pod", Mark.GONE),
        ("pod-log-bad-container", Mark.REFUSED),
    ],
)
@pytest.mark.parametrize("follow", [True, False])
def test_recorded_refusals_end_their_log(name: str, mark: Mark, follow: bool) -> None:
    (path,) = RECORDED.glob(f"*-{name}.json")
    answer = json.loads(path.read_text())["response"]
    body = json.dumps(answer["body"]).encode()
    error = error_from_answer(answer["status"], answer["headers"], body, "https://recorded")
    verdict = judge(error, follow=follow)
    assert (verdict.mark, verdict.again) == (mark, False)
    assert verdict.mark in FINAL
    assert error.message == answer["body"]["message"]
