"""A PostgreSQL server of a test's own: made, started, stopped and gone again with the test's folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root."""


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl; None where there is none."""
    found = shutil.which("pg_ctl")
    folders = [*BINARIES, *([Path(found).parent] if found else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def somebody() -> dict[str, Any]:
    """Whom to run the server as: oneself, or, as root, somebody without rights."""
    if os.geteuid() != 0:
        return {}
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {}


@contextmanager
def server(*, listen: bool = False, password: str | None = None) -> Iterator[Path]:
    """The folder with the socket of a running server, whose owner is called `owner`.

    A socket's path must be short: pytest's own folders are too deep.  With a password, everybody must give
    theirs, and the owner's is that.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    run = {**somebody(), "check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    bin_folder = binaries()
    assert bin_folder is not None
    if "user" in run:
        os.chown(folder, run["user"], run["group"])
    data = folder / "data"
    secret = folder / "secret"
    secret.write_text(password or "none")
    secret.chmod(0o644)
    method = "trust" if password is None else "scram-sha-256"
    made = ("-D", data, "-U", "owner", "-A", method, "--pwfile", secret, "-N", "-E", "UTF8", "--locale=C")
    start = ("-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} -c listen_addresses='' -F")
    try:
        subprocess.run([bin_folder / "initdb", *made], **run)
        subprocess.run([bin_folder / "pg_ctl", *start, "start"], **run)
        try:
            yield folder
        finally:
            subprocess.run([bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
