"""Training of the open engine's heads for hands and face (docs/open_engine.md)."""
