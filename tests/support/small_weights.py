"""The weights of a small real model, for tests that need one: pulled as a user does, else the test is skipped."""

from __future__ import annotations

import socket
import subprocess
import sys
from importlib.util import find_spec

import pytest
from places import ROOT


def require_weights(name: str) -> None:
    """Skips the test where the model ``name`` cannot be had or served on this machine."""
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed")
    command = [sys.executable, str(ROOT / "main.py"), "local", "pull", name]
    pulled = subprocess.run(command, capture_output=True, text=True, check=False)
    if pulled.returncode:
        pytest.skip(f"the weights of {name} cannot be had: {pulled.stderr.strip()}")


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
