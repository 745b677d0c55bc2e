"""The objects each system keeps in a cluster: a module a system, pure functions from a `Site` to objects."""
