"""What reaches the terminal: only what changed, only as fast as it is read, and nothing when it is gone.

    compositor update -> frames.Frames -> cells.Cells -> grid.Grid -> diff.Differ -> outlet.Outlet -> terminal
                                                          pacing.Pacing says how much, meter.Meter counts

`display.WireApp` joins that to Textual and falls back to stock output when anything here fails.
"""
