"""Item models of the window: ids and records in memory, nothing is read in data()."""
