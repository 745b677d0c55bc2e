"""Performance budgets, each a command that prints a figure and fails when it is over: `python -m benchmarks`."""
