from __future__ import annotations

from pathlib import Path

import pytest

from pose2pose_live.errors import DisplayError
from pose2pose_live.training.open_parts.__main__ import main
from pose2pose_live.training.open_parts.hand_training import HandRows
from pose2pose_live.training.synthetic.closeups import CloseUps


@pytest.fixture(scope="session")
def hands() -> CloseUps:
    made = CloseUps(24, 5)
    try:
        made[0]
    except DisplayError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="session")
def folder(hands: CloseUps, tmp_path_factory: pytest.TempPathFactory) -> Path:
    hands.close()  # a process has one OpenGL context at a time
    path = tmp_path_factory.mktemp("hands")
    assert main(["crops", "hand", str(path), "--count", str(len(hands)), "--seed", "5"]) == 0
    return path


@pytest.fixture(scope="session")
def crops(folder: Path) -> HandRows:
    return HandRows(folder)
