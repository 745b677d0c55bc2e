"""Settings every test shares."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("kurator-tui", deadline=None, print_blob=True)  # a busy machine is no failure
settings.load_profile("kurator-tui")
