"""These tests need PyTorch, which the application does without; where it is not installed they are left out."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = ["test_*.py"] if find_spec("torch") is None else []
