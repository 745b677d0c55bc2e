"""The metrics of the simulated estate as functions of time: one module an exporter, joined in `estate`."""
