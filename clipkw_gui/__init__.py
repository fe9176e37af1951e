"""The window: knows everything about windows and nothing about tensors."""

import os

# The threads of a matrix product otherwise go on spinning for a while after it, and keep a core
# from whatever paints the window. NumPy reads this once, when it is imported: 2 ** 20 cycles.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")
