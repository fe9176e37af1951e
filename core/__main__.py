"""``python -m core`` is ``clipkw``."""

import sys

from core.cli import main

if __name__ == "__main__":  # the demo's drawing processes import this module too
    sys.exit(main())
