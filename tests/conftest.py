"""Settings every test shares. Schedules and data are the same in each run; `make explore` looks for new ones."""

from __future__ import annotations

import gc

from hypothesis import settings

from tests.examples import EXPLORING, examples

COMMON = settings(deadline=None, max_examples=examples(50))  # a busy machine is no failure

LONG = 200
"""Characters of a value that are still its name."""

settings.register_profile("kurator-tui", COMMON, derandomize=True)
settings.register_profile("explore", COMMON, print_blob=True)
settings.load_profile("explore" if EXPLORING else "kurator-tui")


def pytest_configure() -> None:
    """Collecting makes a million objects that stay: nothing of them is garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Tests are not made to look through what was collected, or is kept by one of them, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """What tests are called goes from process to process: a long text is told by its length."""
    return f"{argname}-of-{len(val)}" if isinstance(val, str | bytes) and len(val) > LONG else None
