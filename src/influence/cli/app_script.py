"""What Streamlit runs for `influence app`: the page, with the command line's arguments and its clock."""

from __future__ import annotations

import sys
from pathlib import Path

from influence.app import Start, show
from influence.cli.places import now

if __name__ == "__main__":
    language, marks, records, *model = sys.argv[1:]
    show(Start(model[0] if model else None, Path(marks), language, records), now)
