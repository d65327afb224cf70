from __future__ import annotations

import numpy as np
import torch

from pose2pose_live.training.open_engine.nobody import with_nobody


def test_a_share_of_the_pictures_is_replaced_and_the_rest_left_alone():
    pictures = torch.rand(200, 3, 32, 32)
    before = pictures.clone()
    replaced = with_nobody(pictures, np.random.default_rng(0))
    assert torch.equal(pictures, before), "the batch itself is not written to"
    changed = (replaced != pictures).flatten(1).any(1)
    assert 60 < int(changed.sum()) < 100
    assert replaced.min() >= 0
    assert replaced.max() <= 1
    assert torch.equal(replaced, with_nobody(pictures, np.random.default_rng(0)))
    flat = replaced[changed].flatten(2).std(-1).amax(1) < 1e-6
    assert 3 < int(flat.sum()) < 30, "one colour, among others"
