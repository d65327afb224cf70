"""Running the graphs of an engine."""

from .engine import Engine, GraphSpec
from .session import Session

__all__ = ["Engine", "GraphSpec", "Session"]
