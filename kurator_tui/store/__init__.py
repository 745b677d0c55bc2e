"""Rows by (kind, cluster, uid), with how fresh they are; used on both sides of the link.

Promises, which every writer keeps and every reader may rely on:

1. The events of one object arrive in order. States may be skipped (two changes merged into one), never reordered.
2. Rows are immutable. A change is another row under the same key; a reader may keep the old one.
3. A recreated object is another uid, so another row: it is removed and added, never changed.
4. A replacement of a (kind, cluster) begins, is put in any number of parts, and completes: what it did not hold is
   gone then, and not before.
5. For every (cluster, kind) the store knows one `Freshness`. Rows of a cluster that stopped answering stay, and
   whoever shows them asks the store how old they are.
6. Nothing here blocks, does I/O or knows a screen. Everything is called from one thread.
"""
