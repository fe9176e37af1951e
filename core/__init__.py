"""Images, keywords and models: everything ClipKW knows, without a window."""

import os

# The threads of a matrix product otherwise go on spinning for a tenth of a second after it, and
# keep cores from whatever comes next: painting the window, other code's products. NumPy and SciPy
# read this once, when they are imported: 2 ** 20 cycles.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")
