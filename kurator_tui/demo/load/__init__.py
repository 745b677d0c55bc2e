"""An estate made for load: many lean API servers whose objects are rendered from byte templates.

It can outrun the console on a small machine; it answers what the console and kubectl read and refuses writes.
The moving world of the ordinary demo is not simulated here: pods and nodes change at random, at a given rate.
"""
