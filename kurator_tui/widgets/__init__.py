"""Widgets of the console: they draw what they are given and post what was asked for.

No widget reads the network, the settings or the key map: screens own the bindings and call methods.
"""
