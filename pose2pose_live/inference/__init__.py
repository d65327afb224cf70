"""Running the graphs of an engine."""

from .engine import Engine, GraphSpec
from .runtimes import AUTO, RUNTIMES, use_runtime
from .session import Session

__all__ = ["AUTO", "RUNTIMES", "Engine", "GraphSpec", "Session", "use_runtime"]
