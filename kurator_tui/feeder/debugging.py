"""Debug containers, asked by a console: the stream `debug` and the call `debug_word`.

    debug_word  cluster, name (the pod) -> what must be typed to confirm one there
    debug       the arguments of `feeder.shells`, image, target, and `confirmed`: that word

It writes, with the audit (`actions.debug_containers`), and only when it was confirmed as the cluster demands.
"""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.errors import UsageError
from kurator_tui.feeder import shells
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.shells import DEBUG_IMAGE
from kurator_tui.kinds.plans import Target


class Debugging:
    """What one console may add to pods."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting

    async def word(self, hub: Hub, arguments: Mapping[str, str]) -> str:
        """`y`, or in a protected cluster the pod's name."""
        from kurator_tui.actions.guarding import Guards

        cluster = arguments.get("cluster", "")
        guarded = Guards(hub, self._acting.rules).protected({cluster})
        return arguments.get("name", "") if guarded else "y"

    async def debug(self, hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
        """WRITES: adds a debug container, waits until it runs and attaches to it. Raises ConsoleError."""
        from kurator_tui.actions import debug_containers

        acting, cluster = self._acting, arguments.get("cluster", "")
        through = door(hub, cluster)
        acting.rules.allow()
        wanted = await self.word(hub, arguments)
        if arguments.get("confirmed") != wanted:
            raise UsageError("It was not confirmed.", f"Type {wanted} to confirm it.")
        image = arguments.get("image") or DEBUG_IMAGE
        pod = Target(cluster, "pods", arguments.get("namespace", ""), arguments.get("name", ""))
        ports = acting.ports(hub, (cluster,))
        name = await debug_containers.add(ports, pod, image, arguments.get("target", ""), acting.rules)
        return await shells.debugged(through, arguments, channel, name, image)
