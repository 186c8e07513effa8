"""Starts the app's server, for this machine alone."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from influence.app.page import streamlit

OPTIONS: Mapping[str, str] = {
    "server.address": "localhost",  # nobody else on the network reaches it
    "server.headless": "true",  # opens no window, asks for no e-mail address
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",  # no links to places elsewhere
    "client.showErrorDetails": "none",
    "theme.base": "light",
    "theme.primaryColor": "#1f5fa8",  # 6.5 to 1 against white
    "theme.textColor": "#000000",  # captions are paler than this, and are to be read all the same
}


def command(script: str, port: int, arguments: Sequence[str]) -> list[str]:
    """The words that start the server."""
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "server.port": str(port)}.items()]
    return [sys.executable, "-m", "streamlit", "run", script, *options, "--", *arguments]


def serve(module: str, port: int, arguments: Sequence[str]) -> NoReturn:
    """Become the app's server: this process is replaced, so that whatever stops it leaves nothing behind.

    Parameters
    ----------
    module
        The script that Streamlit runs, by its name.
    arguments
        What the script is given.

    Raises
    ------
    ConfigError
        If Streamlit is not installed.
    """
    streamlit()
    found = importlib.util.find_spec(module)
    assert found is not None and found.origin is not None
    words = command(str(Path(found.origin)), port, arguments)
    sys.stdout.flush()
    os.execv(words[0], words)
