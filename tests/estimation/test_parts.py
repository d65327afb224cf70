"""Where hands are looked for, with networks that always see one hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.face_net import FaceLandmarks
from pose2pose_live.estimation.hand_net import HandLandmarks
from pose2pose_live.estimation.parts import _CARRIED, PartTracker
from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.inference import Engine
from pose2pose_live.skeleton import POSE

IMAGE = np.zeros((480, 640, 3), np.uint8)
WRIST_Y_PX, HAND_PX = 240.0, 60.0


class OneHand:
    """A right hand about `x_px`, however far from it one looks; no left one and no face. presence: what the network says of it; aims: of every look for it."""

    def __init__(self) -> None:
        self.x_px, self.presence = 200.0, 1.0
        self.aims: list[Any] = []

    def find(self, name: str, image: np.ndarray, aim: Any) -> Any:
        if name == "face":
            return FaceLandmarks(np.zeros((478, 3)), 0.0, np.zeros(52), aim.region)
        self.aims.append(aim)
        at = np.array([self.x_px, WRIST_Y_PX - HAND_PX / 2])
        return HandLandmarks(
            np.tile(at, (21, 1)),
            np.zeros((21, 3)),
            self.presence,
            1.0,
            Region(self.x_px, WRIST_Y_PX - HAND_PX / 2, HAND_PX, 0.0),
        )

    def body(self) -> PoseLandmarks:
        image_px, visibility = np.zeros((33, 2)), np.zeros(33)
        for name, (x_px, y_px) in {"wrist": (0, 0), "index": (8, -HAND_PX / 2), "pinky": (-8, -HAND_PX / 2)}.items():
            image_px[POSE[f"right_{name}"]] = self.x_px + x_px, WRIST_Y_PX + y_px
        visibility[POSE["right_wrist"]] = 1.0
        return PoseLandmarks(image_px, np.zeros((33, 3)), visibility, 1.0, Region(320, 240, 400, 0))


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> OneHand:
    hand = OneHand()
    monkeypatch.setattr(PartTracker, "_find", lambda _, *arguments: hand.find(*arguments))
    return hand


@pytest.fixture
def tracker() -> Iterator[PartTracker]:
    tracker = PartTracker(Engine.load(None))
    yield tracker
    tracker.close()


def look(tracker: PartTracker, hand: OneHand, time_s: float) -> bool:
    """Whether the right hand is seen in this picture."""
    parts = tracker.finish(tracker.start(cast(Any, IMAGE)), hand.body(), time_s)
    return parts.hands[1] is not None


@pytest.mark.parametrize("step_px", [0.0, 25.0])
def test_a_hand_is_looked_for_where_the_body_carries_it(tracker: PartTracker, hand: OneHand, step_px: float):
    for index in range(5):
        hand.x_px = 200 + step_px * index
        assert look(tracker, hand, index / 30)
        if index >= 2:  # two pictures say how fast it is
            assert hand.aims[-1].region.centre_x_px == pytest.approx(hand.x_px - (1 - _CARRIED) * step_px)


def test_a_leap_is_not_taken_for_a_speed(tracker: PartTracker, hand: OneHand):
    for index, x_px in enumerate((200.0, 200.0, 500.0)):
        hand.x_px = x_px
        look(tracker, hand, index / 30)
    look(tracker, hand, 0.1)
    assert hand.aims[-1].region.centre_x_px == pytest.approx(500)


def seen_with(tracker: PartTracker, hand: OneHand, presences: list[float]) -> list[bool]:
    seen = []
    for index, presence in enumerate(presences):
        hand.presence = presence
        seen.append(look(tracker, hand, index / 30))
    return seen


def test_less_is_asked_of_a_hand_that_was_just_lost_than_of_one_that_was_never_seen(
    tracker: PartTracker, hand: OneHand
):
    assert seen_with(tracker, hand, [0.45] * 6) == [False] * 6
    tracker.reset()
    assert seen_with(tracker, hand, [1.0, 0.1, 0.45, 0.3]) == [True, False, True, True]
    tracker.reset()
    for_long = [0.1] * 20
    assert seen_with(tracker, hand, [1.0, *for_long, 0.45, 0.45, 0.45]) == [True, *([False] * 23)]
