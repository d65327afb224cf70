from __future__ import annotations

from collections.abc import Iterator

import pytest

from pose2pose_live.errors import DisplayError
from pose2pose_live.training.synthetic import SyntheticPeople
from pose2pose_live.viewport import EglContext


@pytest.fixture(scope="session")
def opengl() -> None:
    try:
        EglContext().close()
    except DisplayError as error:
        pytest.skip(f"no OpenGL on this machine: {error}")


@pytest.fixture(scope="session")
def people(opengl: None) -> Iterator[SyntheticPeople]:
    data_set = SyntheticPeople(1000, seed=3, size_px=160)
    yield data_set
    data_set.close()
