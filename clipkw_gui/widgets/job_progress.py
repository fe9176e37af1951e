"""A progress bar for a job: filled by what is done, moving while the total is unknown."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar

from clipkw_gui.jobs.runner import Job, JobState

STEPS = 1000


def show_progress(bar: QProgressBar, job: Job) -> None:
    """Fill ``bar`` as far as the job is."""
    unknown = job.state is JobState.RUNNING and not job.total
    bar.setRange(0, 0 if unknown else STEPS)
    if job.state is JobState.DONE:
        bar.setValue(STEPS)
    elif job.total:
        bar.setValue(round(STEPS * min(job.done / job.total, 1)))
    elif not unknown:
        bar.setValue(0)
    idle = job.state is not JobState.RUNNING
    if bar.property("idle") != idle:
        bar.setProperty("idle", idle)
        bar.style().unpolish(bar)
        bar.style().polish(bar)
