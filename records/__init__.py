"""The run on disk: manifest, calls, answers, judgements, scores and the trace. The records are the truth."""

from .folder import Manifest, RunFolder, create_run, open_run
from .run_records import MoveRecord, RunRecords
from .trace_file import Trace, TraceEvent, read_trace

__all__ = [
    "Manifest",
    "MoveRecord",
    "RunFolder",
    "RunRecords",
    "Trace",
    "TraceEvent",
    "create_run",
    "open_run",
    "read_trace",
]
