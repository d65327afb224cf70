"""Errors that a person reads: each says what was expected, what was found, and what to do."""

from __future__ import annotations


class Pose2PoseError(Exception):
    """Base of every error that the command line and the window show as one line instead of a traceback."""


class SourceError(Pose2PoseError):
    """A camera, video file or picture folder cannot be opened or read."""


class ModelError(Pose2PoseError):
    """A body file, an engine folder or one of its graphs is missing or unusable."""


class RecordingError(Pose2PoseError):
    """A recording or an overlay video cannot be written or read."""


class DisplayError(Pose2PoseError):
    """No OpenGL context or no window can be made on this machine."""


class TrainingError(Pose2PoseError):
    """A training configuration, a data set or a checkpoint is missing or unusable."""
