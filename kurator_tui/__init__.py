"""kurator-tui: the terminal console for Kurator fleets of Kubernetes clusters."""

__version__ = "0.1.0"
