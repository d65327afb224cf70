"""How data sets are put together, and that what a loader gives depends on seed and epoch alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.data import Concatenated, HalfAndHalf, Items, Kept
from pose2pose_live.training.parts import BODY_ONLY, HAND_ONLY
from pose2pose_live.training.preprocess import Preprocessor
from pose2pose_live.training.sample import Sample

from .test_preprocess import sample


class Numbers(Sequence[Any]):
    """Counts how often each entry is asked for."""

    def __init__(self, values: list[Any]) -> None:
        self.values, self.reads = values, 0

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> Any:
        self.reads += 1
        return self.values[index]


def test_one_after_the_other():
    both = Concatenated([Numbers([1, 2]), Numbers([]), Numbers([3])])
    assert len(both) == 3
    assert list(both) == [1, 2, 3]
    assert len(Concatenated([])) == 0
    with pytest.raises(IndexError):
        both[3]


def test_half_and_half_repeats_the_shorter():
    mixed = HalfAndHalf(Numbers([1, 2, 3]), Numbers([10]))
    assert list(mixed) == [1, 10, 2, 10, 3, 10]
    assert list(HalfAndHalf(Numbers([1]), Numbers([10, 20]))) == [1, 10, 1, 20]


def test_kept_samples_are_made_once():
    source = Numbers([1, 2])
    kept = Kept(source)
    assert [kept[i] for i in (0, 1, 0, 1)] == [1, 2, 1, 2]
    assert source.reads == 2


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer().for_joints()


def test_augmentation_belongs_to_seed_epoch_and_index(layer: BodyLayer):
    samples: list[Sample] = [sample(), replace(sample(), name="other")]

    def image(seed: tuple[int, int] | None, index: int = 0) -> np.ndarray:
        return Items(samples, BODY_ONLY, Preprocessor(BODY_ONLY, layer), seed)[index]["image"]

    assert np.array_equal(image((0, 1)), image((0, 1)))
    for other in ((1, 1), (0, 2), None):
        assert not np.array_equal(image((0, 1)), image(other))
    assert not np.array_equal(image((0, 1)), image((0, 1), 1))
    assert np.array_equal(image(None), image(None, 1))


def test_the_hand_network_sees_both_hands(layer: BodyLayer):
    items = Items([sample()], HAND_ONLY, Preprocessor(HAND_ONLY, layer), None)
    assert len(items) == 2
    assert not np.array_equal(items[0]["image"], items[1]["image"])
