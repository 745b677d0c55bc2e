"""The whole console on a whole fleet: 400 members, 100,000 pods, 10,000 nodes, five kinds watched in each.

One console lives through it all: it is weighed, left alone, watched while nothing it shows changes, and then keys
are pressed while 5,000 and 10,000 events a second arrive. The same keys with nothing arriving are the baseline.
"""

from __future__ import annotations

import time

from benchmarks.bare_keys import bare_keys
from benchmarks.console import Console, Latencies, console, key_mix
from benchmarks.estate import Estate, load
from benchmarks.harness import Figure, median, percentile, say
from benchmarks.processes import share

MEMBERS, PODS, NODES = 400, 100_000, 10_000
OTHERS = ("deploy", "ns", "events", "nodes")
"""Opened once each, so that every member has five streams with the pods."""
STREAMS = 2000
SCREENS = (b"2", b"-")
RATES = {5_000: 35.0, 10_000: 50.0}
"""Events a second, and the budget of p99 in milliseconds."""
P50_BUDGET = 5.0
PAUSE_BUDGET = 50.0
KEYS = 400
CHURN = 200
REST = 10.0
"""Seconds of watching a console that rests."""


def run(quick: bool = False) -> list[Figure]:
    """Everything; `quick` takes a quarter of the keys."""
    with load(MEMBERS, pods=PODS, nodes=NODES) as estate, console(estate.kubeconfig) as running:
        began = time.monotonic()
        settle(running)
        say(f"synced after {time.monotonic() - began:.1f} s")
        figures = [*_weights(running), *_rest(estate, running), *_churn(estate, running)]
        keys = KEYS // 4 if quick else KEYS
        running.keys(key_mix(40, screens=SCREENS))  # warms what screens mount when first opened
        calm = running.keys(key_mix(keys // 2, screens=SCREENS))
        for rate, budget in RATES.items():
            figures += _keys(estate, running, rate, budget, keys, calm)
        bare = bare_keys(60)
        note = f"a bare Textual table beside it: p50 {median(bare):.1f}, p99 {percentile(bare, 0.99):.1f} ms"
        return [*figures, Figure("key → frame, nothing arriving, p50", calm.at(0.5), "ms", note=note)]


def settle(running: Console, *, others: tuple[str, ...] = OTHERS, streams: int = STREAMS) -> None:
    """Open every kind's screen, the pods' last, and wait until all rows are there and the machine is quiet."""
    for kind in (*others, "pods"):
        running.command(kind)
    running.until_rows("pods", PODS)
    running.until(lambda state: state["cost"]["streams"] >= streams and state["synced"])
    time.sleep(3.0)


def _weights(running: Console) -> list[Figure]:
    mine, feeder = running.costs()
    what = f"{PODS:,} pods, {NODES:,} nodes, {running.probe('state')['cost']['streams']:,} streams"
    return [
        Figure(f"memory, console, {what}", mine.rss, "MiB", 150, mine.peak),
        Figure(f"memory, feeder, {what}", feeder.rss, "MiB", 250, feeder.peak),
    ]


def _rest(estate: Estate, running: Console) -> list[Figure]:
    """Nothing happens on the servers: no lists, no bytes, no work."""
    running.terminal.forget(keep=False)
    requests, sent, costs = estate.get("/traffic"), running.terminal.received, running.costs()
    time.sleep(REST)
    after, received, later = estate.get("/traffic"), running.terminal.received, running.costs()
    kinds = len(OTHERS) + 1
    watches = after["streams"] / MEMBERS / kinds
    return [
        Figure(f"{STREAMS:,} idle streams, CPU of the feeder", share(costs[1], later[1]), "%", 3),
        Figure("the same, CPU of the console", share(costs[0], later[0]), "%"),
        Figure(
            "the same, bytes to the terminal", received - sent, "B", note=f"in {REST:g} s, with the ages shown"
        ),
        Figure(
            "steady state, lists", after.get("lists", 0) - requests.get("lists", 0), "", 0, note=f"in {REST:g} s"
        ),
        Figure("steady state, watches of a member and kind", watches, "", 1),
    ]


def _churn(estate: Estate, running: Console) -> list[Figure]:
    """Pods change, none of them on the screen: a screen of another kind is open."""
    running.command("ns")
    time.sleep(2.0)
    idle = _frames(running, REST)
    estate.post(f"/rate?events={CHURN}")
    time.sleep(1.0)
    costs = running.costs()
    frames = _frames(running, REST)
    cpu = share(costs[0], running.costs()[0])
    estate.post("/rate?events=0")
    running.command("pods")
    time.sleep(1.0)
    what = f"{CHURN} events/s off the screen"
    return [
        Figure(f"{what}, CPU of the console", cpu, "%", 5),
        Figure(f"{what}, bytes beside the clock's", _beside(frames, idle), "B", 0, note=_sent(frames, idle)),
    ]


def _frames(running: Console, seconds: float) -> list[int]:
    """The bytes of each frame in so many seconds."""
    running.terminal.forget(keep=False)
    time.sleep(seconds)
    return [frame.bytes for frame in running.terminal.frames]


def _beside(frames: list[int], idle: list[int]) -> int:
    """Bytes that the clock does not explain: one frame more by chance, and more digits when a minute ends."""
    tick = max(idle, default=0)
    more = max(0, len(frames) - len(idle) - 1) * tick
    return more + sum(size for size in frames if size > 2 * tick)


def _sent(frames: list[int], idle: list[int]) -> str:
    return f"{sum(frames)} B in {REST:g} s; {sum(idle)} B without events"


def _keys(estate: Estate, running: Console, rate: int, budget: float, keys: int, calm: Latencies) -> list[Figure]:
    estate.post(f"/rate?events={rate}")
    time.sleep(3.0)
    before, events = running.costs(), estate.get("/digest")["events"]
    found = running.keys(key_mix(keys, seed=rate, screens=SCREENS))
    after, events = running.costs(), estate.get("/digest")["events"] - events
    estate.post("/rate?events=0")
    time.sleep(1.0)
    pauses, what = found.report["pauses"], f"key → frame, {rate:,} events/s"
    reached = events / (after[0].at - before[0].at)
    note = f"{len(found.total)} keys, {found.unanswered} unanswered, {reached:,.0f} events/s reached"
    cpu = f"console {share(before[0], after[0]):.0f} %, feeder {share(before[1], after[1]):.0f} % of a core"
    worst, collected = max(found.total, default=0.0), max(found.report["gc"]["worst_ms"])
    return [
        Figure(f"{what}, p50", found.at(0.5), "ms", P50_BUDGET, None, ("nothing arriving", calm.at(0.5)), note),
        Figure(f"{what}, p99", found.at(0.99), "ms", budget, worst, ("nothing arriving", calm.at(0.99)), cpu),
        Figure(
            f"worst pause of the console's loop, {rate:,} events/s",
            pauses["worst_ms"],
            "ms",
            PAUSE_BUDGET,
            baseline=("nothing arriving", calm.report["pauses"]["worst_ms"]),
            note=f"{pauses['worst_cpu_ms']:.0f} ms of it CPU; worst collection {collected:.0f} ms",
        ),
    ]
