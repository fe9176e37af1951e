"""``python -m core`` is ``clipkw``."""

import sys

from core.cli import main

sys.exit(main())
