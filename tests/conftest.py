"""Settings every test shares. Schedules and data are the same in each run; `make explore` looks for new ones."""

from __future__ import annotations

from hypothesis import settings

from tests.examples import EXPLORING, examples

COMMON = settings(deadline=None, max_examples=examples(50))  # a busy machine is no failure

settings.register_profile("kurator-tui", COMMON, derandomize=True)
settings.register_profile("explore", COMMON, print_blob=True)
settings.load_profile("explore" if EXPLORING else "kurator-tui")
