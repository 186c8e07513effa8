"""A world of a million written to disk, as a user does it: `python -m benchmarks.world [CONTACTS]`.

Asked: 1,000,000 contacts in under 5 minutes and 8 GiB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.turns import need_memory

NEEDED_MIB = 8_192


def main(contacts: int) -> None:
    """Print wall and processor time, memory at the peak, and size on disk."""
    need_memory(NEEDED_MIB)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "world"
        command = [sys.executable, "-m", "influence.cli", "synth", str(folder), "--contacts", str(contacts)]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(
        f"{contacts:,} contacts: {wall:.0f} s, of the processors {used.ru_utime + used.ru_stime:.0f} s; ",
        end="",
    )
    print(f"at the peak {used.ru_maxrss / 2**20:.1f} GiB; on disk {disk / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
