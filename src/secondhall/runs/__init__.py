"""The store of reproducible runs: what was computed, from what, and what came out.

::

    <root>/
    ├── runs/<id>/             one directory a run, never changed after it is renamed into place
    │   ├── run.json           what the run is: inputs' hashes, seed, version, platform, parameters, summary
    │   ├── tables/*.parquet   its outputs
    │   └── artefacts/*        its documents, such as report.html
    ├── trash/<id>/            deleted, can still be restored
    ├── tmp/                   half-written; swept once its writer is dead
    └── index.sqlite           a list that is quick to read, made anew from the directories when it is unsound

The directories are the truth. The index may be lost, damaged or late at any moment; nothing depends on it.
"""

from secondhall.runs.compare import Comparison, Difference
from secondhall.runs.record import Draft, Output, Run
from secondhall.runs.store import RunStore

__all__ = ["Comparison", "Difference", "Draft", "Output", "Run", "RunStore"]
