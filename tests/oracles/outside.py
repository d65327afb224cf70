"""Where the outside software is that is no Python package of this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NODE_SCRIPTS = Path(__file__).parent / "node"


def node_command(script: str) -> list[str]:
    """Node and a script in `tests/oracles/node`; skips the test where Node or the packages are missing."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    if not (NODE_SCRIPTS / "node_modules" / "three").is_dir():
        pytest.skip(
            f"its packages are not installed: npm install --omit=optional --ignore-scripts --prefix {NODE_SCRIPTS}"
        )
    return [node, str(NODE_SCRIPTS / script)]


def python_with(package: str, variable: str) -> str:
    """The Python of another environment that has a package which does not suit ours; skips the test where it is not named."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{package} needs an environment of its own: set {variable} to the Python of one that has it")
    found = subprocess.run([python, "-c", f"import {package}"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, f"{variable}={python} has no {package}: {found.stderr[-300:]}"
    return python
