"""A real Prometheus over samples that a test wrote down, on a free port of this machine."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kurator_tui.demo.promql import Points

AVAILABLE = bool(shutil.which("prometheus") and shutil.which("promtool"))
_PATIENCE = 60.0


def major() -> int:
    """The major version of the installed one."""
    said = subprocess.run(["prometheus", "--version"], capture_output=True, text=True, check=True)
    words = (said.stdout or said.stderr).split()
    return int(words[words.index("version") + 1].split(".")[0])


def openmetrics(series: Iterable[Points]) -> str:
    """The samples as text that promtool reads."""
    lines = []
    for each in series:
        labels = ",".join(f'{name}="{value}"' for name, value in each.labels.items() if name != "__name__")
        for at, value in zip(each.times, each.values, strict=True):
            lines.append(f"{each.labels['__name__']}{{{labels}}} {value!r} {at / 1000:.3f}")
    return "\n".join([*lines, "# EOF", ""])


class Prometheus:
    """One that is running."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def ask(self, path: str, **parameters: Any) -> tuple[int, Any]:
        """(status, body) of a GET below /api/v1/."""
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@contextmanager
def running(series: Iterable[Points], folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that knows exactly these samples, until the end of the block."""
    (folder / "samples").write_text(openmetrics(series))
    data = folder / "data"
    made = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "samples", data],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (folder / "config.yml").write_text("scrape_configs: []\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "config.file": folder / "config.yml",
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": "100y",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "error",
    }
    command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            server, limit = Prometheus(port), time.monotonic() + _PATIENCE
            while not server.ready():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < limit, "prometheus does not get ready"
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()
