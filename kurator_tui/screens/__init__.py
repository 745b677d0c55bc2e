"""The screens of the console: what is asked for, put beside what is known, in the frame they share.

A screen reads the store of its `Source` and calls widgets; it never awaits the network on a key press and holds no
cluster data of its own. Which key does what is in `config.actions`; a screen only has the methods.
"""
