"""`get` says so where its rows are not the whole truth."""

from __future__ import annotations

import pytest

from kurator_tui.cli import run
from kurator_tui.cli.get import need_fleets, print_view
from kurator_tui.cli.options import Options
from kurator_tui.cli.run import Collected
from kurator_tui.errors import ApiError, ConsoleError, Forbidden, NotInstalled
from kurator_tui.store.freshness import Freshness, State


@pytest.mark.parametrize(
    ("state", "error"),
    [(State.ABSENT, NotInstalled), (State.FORBIDDEN, Forbidden), (State.UNREACHABLE, ApiError)],
)
def test_unknown_fleets_are_an_error_and_no_empty_table(state: State, error: type[ConsoleError]) -> None:
    with pytest.raises(error) as caught:
        need_fleets(Freshness(state, 1.0, "why"))
    assert "--members-from contexts" in caught.value.hint


@pytest.mark.parametrize("state", [State.LIVE, State.STALE])
def test_known_fleets_are_shown(state: State) -> None:
    need_fleets(Freshness(state, 1.0))


async def test_rows_that_are_not_complete_are_printed_with_a_word_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def collect(_options: Options, kinds: tuple[str, ...]) -> Collected:
        return Collected({kind: [] for kind in kinds}, {}, (), complete=False)

    monkeypatch.setattr(run, "collect", collect)
    assert await print_view(Options(), "clusters", "json") == '{\n  "items": []\n}\n'
    assert capsys.readouterr().err.startswith("Not complete: After 20 s some clusters were still syncing.\nhint: ")
