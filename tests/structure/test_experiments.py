"""Every script of experiments/ can be imported, and does nothing until it is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

pytestmark = pytest.mark.slow

EXPERIMENTS = ROOT / "experiments"
SCRIPTS = sorted(path.stem for path in EXPERIMENTS.glob("*.py"))

IMPORT_ALL = """
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
for library in sys.argv[2].split():  # what libraries set when they are loaded is not the script's doing
    importlib.import_module(library)
before = dict(os.environ)
changed = {}
for name in sys.argv[3:]:
    module = importlib.import_module(name)
    changed[name] = sorted(key for key in {*before, *os.environ} if before.get(key) != os.environ.get(key))
    assert callable(module.main), f"{name} has no main()"
json.dump(changed, sys.__stdout__)
"""
LIBRARIES = "chromadb sklearn scipy.stats pyarrow"


def test_importing_an_experiment_runs_nothing(tmp_path: Path) -> None:
    """In a folder of its own and in one process: nothing is printed, written there, or set in the environment."""
    command = [sys.executable, "-c", IMPORT_ALL, str(EXPERIMENTS), LIBRARIES, *SCRIPTS]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {name: [] for name in SCRIPTS}
    assert list(tmp_path.iterdir()) == []
