from __future__ import annotations

import os
from pathlib import Path

import pytest

from pose2pose_live.takes import edit


@pytest.fixture
def trash(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the trash: a folder, and not the one of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("trash")
    monkeypatch.setattr(edit, "send2trash", lambda path: os.replace(path, folder / Path(path).name))
    return folder
