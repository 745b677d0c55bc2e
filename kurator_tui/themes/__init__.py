"""The built-in themes: data only, read by `kurator_tui.config.theme`."""
