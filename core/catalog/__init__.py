"""What analysts own: images, keywords, decisions and the journal, in one database file.

Every write is one transaction and returns what it changed.
"""

from core.catalog.database import Catalog

__all__ = ["Catalog"]
