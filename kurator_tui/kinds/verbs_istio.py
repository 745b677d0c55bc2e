"""Verbs of Istio. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

VERBS = (
    Verb(
        "istio.shift",
        "Shift weights",
        "Share out the traffic of one route of a VirtualService",
        "Istio",
        Risk.DISRUPTIVE,
        ("virtualservices.networking.istio.io",),
        parameters=(
            Parameter(
                "weights",
                "Weights",
                "pairs",
                required=True,
                help="destination=percent, by subset or host: v1=90 v2=10; one that is left out gets the rest",
            ),
            Parameter("route", "Route", help="name or number of the HTTP route; empty: the only one with weights"),
        ),
        patch="JSON Patch of all weights of the route in one request, with tests of its destinations",
        owner="refused where a Canary owns it: its Application says how traffic goes",
        undo="the weights as they were",
    ),
)
