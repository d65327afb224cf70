"""Tests of the training room; they are skipped, with the reason, where the `train` extra is not installed."""

import pytest

for _package in ("torch", "lightning", "smplx"):
    pytest.importorskip(_package, reason=f"training needs {_package}, which is not installed: pip install '.[train]'")
