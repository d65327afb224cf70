"""SMPL-X sequences: AMASS-style `.npz`, and Meshcapade's `.smpl`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..frame import PartConfidence
from ..recording import amass_layout
from ..skeleton import ARKIT, BODY_SLICE, EYES_SLICE, JAW_SLICE, LEFT_HAND_SLICE, RIGHT_HAND_SLICE
from .motion import Motion

_CODEC_VERSION, _SMPLX, _NEUTRAL = 2, 2, 0


def amass_arrays(motion: Motion) -> dict[str, NDArray[Any]]:
    """What a recording of this program holds of it too, at a constant rate; the true times of its pictures are kept beside."""
    layout = amass_layout(
        motion.poses, motion.trans, motion.betas, motion.expressions, motion.fps, len(motion) / motion.fps
    )
    return layout | {
        "timestamps": motion.times_s,
        "source_timestamps": motion.source_times_s,
        "tracked": motion.tracked,
        "confidence": motion.confidence.astype(np.float32),
        "confidence_names": np.array(PartConfidence.names()),
        "arkit": motion.arkit.astype(np.float32),
        "arkit_names": np.array(ARKIT),
        "body_model": np.array(motion.body_model),
        "app_version": np.array(__version__),
    }


def smpl_arrays(motion: Motion) -> dict[str, NDArray[Any]]:
    """The keys of a `.smpl` file, which is an npz archive."""
    poses = motion.poses.astype(np.float32)
    head = np.concatenate([poses[:, JAW_SLICE], poses[:, EYES_SLICE]], axis=1)
    return {
        "codecVersion": np.array(_CODEC_VERSION, np.int32),
        "smplVersion": np.array(_SMPLX, np.int32),
        "gender": np.array(_NEUTRAL, np.int32),
        "shapeParameters": motion.betas.astype(np.float32),
        "frameCount": np.array(len(motion), np.int32),
        "frameRate": np.array(motion.fps, np.float32),
        "bodyTranslation": motion.trans.astype(np.float32),
        "bodyPose": poses[:, : BODY_SLICE.stop],
        "headPose": head,
        "leftHandPose": poses[:, LEFT_HAND_SLICE],
        "rightHandPose": poses[:, RIGHT_HAND_SLICE],
        "expressionParameters": motion.expressions.astype(np.float32),
    }
