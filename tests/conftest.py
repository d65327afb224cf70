"""What many tests share; loaded once."""

from __future__ import annotations

import pytest

from pose2pose_live.body import BodyModel


@pytest.fixture(scope="session")
def body() -> BodyModel:
    return BodyModel.load()
