"""The controllers of a simulated cluster, one module each; `world.estate` joins them."""
