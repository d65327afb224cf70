"""The threads that move frames, and nothing else of the program has any such.

capture -> [slot] -> looking -> solving -> [slot] -> render
                                        -> [queue] -> writer of a sink, while one is attached
                                        -> [slot] -> streamer of each target

A slot keeps the newest item and drops the older one; the queue waits up to its bound and then drops. Both count what they
drop. Stages know nothing of threads; every error of theirs arrives in the one `notify` callback.
"""

from .events import Ended, Event, Failed, LiveFrame, Ready, Recorded
from .fan_out import SinkWriter, Streamer
from .mocaps import Mocap
from .pipeline import Pipeline, View
from .slot import LatestSlot

__all__ = [
    "Ended",
    "Event",
    "Failed",
    "LatestSlot",
    "LiveFrame",
    "Mocap",
    "Pipeline",
    "Ready",
    "Recorded",
    "SinkWriter",
    "Streamer",
    "View",
]
