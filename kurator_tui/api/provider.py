"""The old `auth-provider` credentials (oidc, gcp) of the user's own kubeconfig, by the kubernetes client's loader.

Only the user entry's provider part is given to the loader: with certificate data it would write temporary files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from kurator_tui.api.credentials import Presented
from kurator_tui.errors import PluginFailure
from kurator_tui.kinds.cells import inert

REFRESH_PERIOD = 240.0
"""Seconds between looks at the provider's token, which the loader replaces five minutes before it expires."""


class AuthProvider:
    """A token that the loader fetches and refreshes."""

    def __init__(self, provider: Mapping[str, Any]) -> None:
        self._name = str(provider.get("name", ""))
        from kubernetes.aio.config.kube_config import KubeConfigLoader  # half a second, for these few only

        document = {
            "current-context": "x",
            "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
            "clusters": [{"name": "x", "cluster": {}}],
            "users": [{"name": "x", "user": {"auth-provider": dict(provider)}}],
        }
        self._loader = KubeConfigLoader(document, active_context="x")
        self._header: str | None = None
        self._due = 0.0
        self._one = asyncio.Lock()

    async def current(self) -> Presented:
        async with self._one:
            clock = asyncio.get_running_loop()
            if self._header is None or clock.time() >= self._due:
                self._header = await self._load()
                self._due = clock.time() + REFRESH_PERIOD
            return Presented(self._header, None)

    async def renew(self, refused: Presented) -> bool:
        if self._header == refused.authorization:
            self._header = None
        return (await self.current()).authorization != refused.authorization

    async def close(self) -> None:
        return

    async def _load(self) -> str:
        from kubernetes.aio.client import Configuration

        configuration = Configuration()
        try:
            await self._loader.load_and_set(configuration)
            return str(configuration.api_key["BearerToken"])
        except Exception as error:  # noqa: BLE001 - the loader and the libraries below it share no base class
            kind = type(error).__name__
        raise PluginFailure(
            f"The kubeconfig's auth-provider {inert(self._name)!r} gave no token ({kind}).",
            "kubectl no longer knows auth-provider: move to an exec plugin.",
        )
