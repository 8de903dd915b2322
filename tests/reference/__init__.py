"""Plain-Python twins of the engine, slow, obvious, exact; and a series of which the law is known."""
