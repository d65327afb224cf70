"""Trains the open engine's depth network, on poses alone; see docs/open_engine.md."""
