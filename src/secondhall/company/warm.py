"""Where the compiled engine is kept, known without loading the compiler.

The folder carries the hash of every source that is compiled, so an edit to one kernel can never meet the
compiled form of another's older text, and a second installation of the same version finds it ready.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

__all__ = ["compiled_folder", "is_compiled"]


@cache
def compiled_folder() -> Path:
    """Return the folder of the engine compiled from these very sources."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    shared = [here / name for name in ("layout.py", "chance.py", "parameters.py")]
    for source in [*sorted((here / "kernels").glob("*.py")), *shared]:
        digest.update(str(source.relative_to(here)).encode())
        digest.update(source.read_bytes())
    return user_cache_path("secondhall") / f"engine-{digest.hexdigest()[:16]}"


def is_compiled() -> bool:
    """Return True when the engine stands compiled."""
    return any(compiled_folder().rglob("play.play_blocks-*.nbc"))
