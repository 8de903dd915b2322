"""Plain-Python twins of the engine: slow, obvious, exact."""
