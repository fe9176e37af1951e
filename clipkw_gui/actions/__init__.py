"""One function per user intent; the only importer of ``core.workflows``."""
