"""The figures of the screen of costs: rates from totals, and lines whose figures keep their places."""

from __future__ import annotations

import pytest

from kurator_tui.link.messages import Costed
from kurator_tui.screens.cost_facts import (
    MOST,
    FeederFigures,
    Figures,
    Rates,
    Sampler,
    TerminalFigures,
    Watched,
    cost_lines,
    source_text,
)
from kurator_tui.widgets.palette import text_of
from tests.ui.estate import clusters

FEEDER = FeederFigures(
    "feeder", 4711, "live", Costed(streams=51, requests=230, bytes_in=3 << 20, events=1203, memory=92 << 20)
)
TERMINAL = TerminalFigures(120 << 10, 0, 3174, 1203, 2, 0.25, slow=True, stock=False)


def lines(figures: Figures, width: int = 120) -> list[str]:
    return [text_of(line) for line in cost_lines(figures, width)]


def test_one_sample_is_no_rate() -> None:
    assert Sampler().rates(1.0, Costed(requests=5)) == Rates()


def test_rates_are_averages_of_some_seconds() -> None:
    sampler = Sampler()
    for second in range(10):
        rates = sampler.rates(float(second), Costed(requests=second * 2, bytes_in=second * 100, events=0))
    assert rates == Rates(2.0, 100.0, 0.0)


def test_a_burst_is_forgotten() -> None:
    sampler = Sampler()
    sampler.rates(0.0, Costed())
    assert sampler.rates(1.0, Costed(events=500)).events == 500
    for second in range(2, 8):
        rates = sampler.rates(float(second), Costed(events=500))
    assert rates.events == 0


@pytest.mark.parametrize(("moment", "totals"), [(2.0, Costed(requests=1)), (60.0, Costed(requests=300))])
def test_a_new_process_and_a_long_absence_start_again(moment: float, totals: Costed) -> None:
    sampler = Sampler()
    sampler.rates(0.0, Costed(requests=100))
    sampler.rates(1.0, Costed(requests=200))
    assert sampler.rates(moment, totals) == Rates()


def test_a_clock_that_is_set_costs_one_sample() -> None:
    sampler = Sampler()
    for turn, step in enumerate((0.0, 3600.0, -3600.0)):
        assert sampler.rates(5000.0 + step, Costed(requests=10 * turn)) == Rates()
        assert sampler.rates(5001.0 + step, Costed(requests=10 * turn + 2)).requests == 2


def test_a_feeder_is_a_row_under_titles() -> None:
    titles, feeder = lines(Figures(feeders=(FEEDER,)))[:2]
    assert titles.split() == ["PID", "STREAMS", "REQUESTS", "/S", "IN", "/S", "EVENTS", "/S", "MEMORY"]
    assert feeder.split() == ["feeder", "4711", "51", "230", "3.0Mi", "1,203", "92Mi"]
    assert titles.index("MEMORY") + len("MEMORY") == feeder.index("92Mi") + len("92Mi")


def test_a_lost_feeder_says_why() -> None:
    lost = FeederFigures("feeder 2", 0, "feeder lost: killed by signal 9; restarting", Costed(feeders=0))
    assert "feeder lost: killed by signal 9" in lines(Figures(feeders=(FEEDER, lost)))[2]


def test_console_and_terminal_are_told() -> None:
    figures = Figures(
        pid=99, memory=88 << 20, rows=1021, last_key=0.003, key_p95=0.0061, worst_stall=0.08, terminal=TERMINAL
    )
    console, terminal = lines(figures)
    assert (
        " ".join(console.split()) == "console pid 99 rows 1,021 memory 88Mi keys 3ms p95 6ms stall 0ms ever 80ms"
    )
    sent = "terminal sent 120Ki /s 0B /min 3.1Ki frames 1,203 shed 2 wait 250ms slow"
    assert " ".join(terminal.split()) == sent


def test_changing_figures_keep_their_places() -> None:
    few = Figures(feeders=(FEEDER,), memory=88 << 20, rows=7, terminal=TERMINAL)
    busy = Costed(streams=2000, requests=99_999, bytes_in=999 << 20, events=9_999_999, memory=250 << 20)
    feeder = FeederFigures("feeder", 4711, "live", busy, Rates(99.4, 12e6, 9999.0))
    many = Figures(feeders=(feeder,), memory=150 << 20, rows=110_000, last_key=0.1, key_p95=0.2, terminal=TERMINAL)
    for width in (80, 200):
        assert [len(line) for line in lines(few, width)] == [len(line) for line in lines(many, width)]
        assert max(map(len, lines(many, width))) <= width


WATCHED = (Watched("pods", 6, 1300), Watched("nodes", 6, 13), Watched("widgets", 1, 20_000), Watched("jobs", 0, 0))


def test_what_each_kind_costs_is_told_those_with_most_rows_first() -> None:
    titles, first, second = lines(Figures(watched=WATCHED), 80)[-3:]
    assert titles.split() == ["watched", *["KIND", "STREAMS", "ROWS"] * 2]
    assert first.split() == ["widgets", "1", "20,000", "pods", "6", "1,300"]
    assert second.split() == ["nodes", "6", "13", "jobs", "0", "0"]
    assert titles.index("ROWS") + len("ROWS") == first.index("20,000") + len("20,000")
    assert lines(Figures(watched=WATCHED), 200)[-1].split()[::3] == ["widgets", "pods", "nodes", "jobs"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_kinds_beyond_the_room_are_summed_up(width: int) -> None:
    many = tuple(Watched(f"a-very-long-name-of-kind-{number}.example.org", 2, 100) for number in range(40))
    shown = lines(Figures(watched=many), width)[-MOST:]
    assert all(len(line) <= width for line in shown)
    more = 40 - sum(line.count("a-very") for line in shown)
    assert shown[-1].split()[-4:] == [str(more), "more", str(2 * more), f"{100 * more:,}"]


def test_where_rows_come_from_is_counted() -> None:
    assert source_text(clusters()) == "6 by secret, 1 by context"
    assert lines(Figures(source="6 by secret"))[-1].endswith("watches: 6 by secret")
