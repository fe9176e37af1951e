"""The only place with threads. Start with :class:`clipkw_gui.jobs.runner.JobRunner`."""
