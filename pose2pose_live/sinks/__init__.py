"""Where captured poses go: a recording, an overlay video; each takes one pose at a time."""

from .base import Sink
from .overlay import OverlayWriter
from .recorder import LateRecorder, Recorder, finish_abandoned, finish_journal

__all__ = ["LateRecorder", "OverlayWriter", "Recorder", "Sink", "finish_abandoned", "finish_journal"]
