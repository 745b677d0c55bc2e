"""The served demo as a process of its own, and kubectl to talk to it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds one kubectl may take."""
_DEMO = ("-m", "kurator_tui.demo", "-o", "json", "--watch-parent", "--scenario", "calm")


def kubectl_binary() -> str | None:
    """kubectl beside the running Python, else on the path; None without one."""
    beside = Path(sys.executable).parent / "kubectl"
    return str(beside) if beside.exists() else shutil.which("kubectl")


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Runs kubectl on one kubeconfig and context, with a home of its own."""

    binary: str
    kubeconfig: str
    home: Path
    context: str = "demo"

    def on(self, context: str) -> "Kubectl":
        """The same on another context."""
        return Kubectl(self.binary, self.kubeconfig, self.home, context)

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """A running kubectl; the caller ends it."""
        known = {"KUBECONFIG": self.kubeconfig, "HOME": str(self.home)}
        return subprocess.Popen(
            [self.binary, f"--context={self.context}", *words],
            env={**os.environ, **known, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def result(self, *words: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        """(exit code, stdout, stderr)."""
        with self.start(*words, **environment) as process:
            try:
                out, err = process.communicate(stdin, timeout=PATIENCE)
            finally:
                process.kill()
        return process.returncode, out, err

    def run(self, *words: str, stdin: str = "", **environment: str) -> str:
        """What it wrote to stdout; AssertionError with its words when it fails."""
        code, out, err = self.result(*words, stdin=stdin, **environment)
        assert code == 0, f"kubectl {' '.join(words)}: {err or out}"
        return out

    def json(self, *words: str) -> Any:
        """What it wrote as JSON."""
        return json.loads(self.run(*words, "-o", "json"))


@contextmanager
def served_demo(home: Path, *, members: int = 1, speed: float = 10.0) -> Iterator[Kubectl]:
    """A served demo in which nothing happens by itself; ends with the block."""
    binary = kubectl_binary()
    assert binary is not None
    command = [sys.executable, *_DEMO, "--members", str(members), "--speed", str(speed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield Kubectl(binary, ready["kubeconfig"], home)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
