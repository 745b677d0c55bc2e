"""Settings every test shares. Schedules and data are the same in each run; `make explore` looks for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("kurator-tui", deadline=None, derandomize=True)  # a busy machine is no failure
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kurator-tui"))
