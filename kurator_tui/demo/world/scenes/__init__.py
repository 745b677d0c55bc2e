"""Scenarios by area: the steps of each, named in `scenarios.SCENARIOS`."""
