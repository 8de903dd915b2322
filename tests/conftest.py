"""Profiles of hypothesis, and the threads of a worker.

The profile is the one that HYPOTHESIS_PROFILE names. The usual one draws the same examples every time; `nightly` draws
new ones, and many.
"""

import os

from hypothesis import settings

settings.register_profile("usual", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

# Workers of pytest-xdist share the cores. Set before NumPy and polars are imported, which start their threads then;
# tests of what threads do name their number.
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if WORKERS > 1:
    for name in ("TAKEOFF_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, str(max(1, (os.cpu_count() or 1) // WORKERS)))
    os.environ.pop("COLUMNS", None)  # of a terminal that a worker does not have
