"""The objects each system keeps in a cluster: one module a system, each a pure function from a `Site` to objects."""
