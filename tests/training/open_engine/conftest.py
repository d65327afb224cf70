from __future__ import annotations

from pathlib import Path

import pytest

from pose2pose_live.errors import DisplayError
from pose2pose_live.training.open_engine.checkpoints import published_graph
from pose2pose_live.training.open_engine.shards import Crops, write_labelled
from pose2pose_live.training.synthetic import SyntheticPeople


@pytest.fixture(scope="session")
def people() -> SyntheticPeople:
    made = SyntheticPeople(12, 3)
    try:
        made[0]
    except DisplayError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="session")
def folder(people: SyntheticPeople, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crops")
    write_labelled(people, published_graph(), path, 1)
    return path


@pytest.fixture(scope="session")
def crops(folder: Path) -> Crops:
    return Crops(folder)
