"""What a user may set: settings, key map, theme; and the one registry of actions they all speak of.

Pure data and small readers of YAML files. Nothing here imports Textual, the network or a screen.
"""
