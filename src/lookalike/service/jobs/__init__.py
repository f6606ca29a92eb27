"""What takes longer than an answer may? Work in the background that can be watched and cancelled.

job         one piece of work: how far it is, and what happened, event by event
running     which jobs there are, and whose turn it is
indexing    folders into the gallery
captioning  other captions for the gallery's pictures
reencoding  another encoder for the gallery
duplicates  groups of the same picture, and what is done about them
watching    how callers follow all that
"""

from lookalike.service.jobs.job import Event, Job, JobKind, JobState
from lookalike.service.jobs.running import Jobs

__all__ = ["Event", "Job", "JobKind", "JobState", "Jobs"]
