"""Programs that measure this one beside its peers."""

import core  # noqa: F401  before NumPy, which it sets up
