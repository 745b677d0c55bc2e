"""The simulated estate: what the clusters hold and how it changes.  No HTTP here; `serve` adds the servers."""
