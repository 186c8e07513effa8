"""Requests that wait at the same time are answered in one call, which costs little more than a single row."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 256
"""Of a request that waits for others: a larger one gains nothing by company, and would hold up the small."""

Answer = Callable[["str", "pd.DataFrame", "str | None"], "pd.DataFrame"]
"""(task, rows, moment) -> one row of answers per row asked."""


@dataclass(eq=False)
class _Request:
    task: str
    rows: pd.DataFrame
    at: str | None
    answers: pd.DataFrame | None = None
    error: Exception | None = None

    @property
    def kind(self) -> Hashable:
        """Requests of one kind can be asked as one."""
        return self.task, self.at, tuple(self.rows.dtypes.astype(str).items())

    @property
    def is_done(self) -> bool:
        return self.answers is not None or self.error is not None


class Gathered:
    """Answers requests of several threads: whoever comes first asks for all who wait by then.

    Parameters
    ----------
    answer
        Answers each row by itself, whatever rows stand beside it.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._busy = threading.Lock()
        self._waiting: deque[_Request] = deque()

    def __call__(self, task: str, rows: pd.DataFrame, at: str | None) -> pd.DataFrame:
        """As `answer`, which is asked at most once at a time for few rows.

        Raises
        ------
        Exception
            What `answer` raises for these rows; a mistake in others' is not told here.
        """
        if not 0 < len(rows) <= MOST_ROWS:
            return self._answer(task, rows, at)
        own = _Request(task, rows, at)
        self._waiting.append(own)
        with self._busy:
            if not own.is_done:
                self._ask(self._company(own))
        if own.error is not None:
            raise own.error
        assert own.answers is not None, "whoever held the lock before has asked for this one, too"
        return own.answers

    def _company(self, own: _Request) -> list[_Request]:
        """Those that wait and can be asked with one of them, itself included; the others go on waiting."""
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        company = [one for one in waiting if one.kind == own.kind]
        self._waiting.extendleft(one for one in reversed(waiting) if one.kind != own.kind)
        return company

    def _ask(self, company: list[_Request]) -> None:
        import pandas as pd

        first = company[0]
        try:
            rows = pd.concat([one.rows for one in company], ignore_index=True)
            answers = self._answer(first.task, rows, first.at)
        except Exception as error:  # noqa: BLE001 - raised again where it belongs
            if len(company) == 1:
                first.error = error
            else:
                for one in company:
                    self._ask([one])
            return
        start = 0
        for one in company:
            one.answers = answers.iloc[start : start + len(one.rows)].set_axis(one.rows.index)
            start += len(one.rows)
