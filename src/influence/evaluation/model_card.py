"""The card of a model: what for, learnt from what, how good beside what, and for whom not.

Source: Mitchell et al., 2019, Model Cards for Model Reporting, FAT* 2019.  It counts, names nobody, and knows
no clock: the same model has the same card.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from influence.data import Network
from influence.evaluation.terminal import defined, shown, verdict
from influence.schema import TABLES

if TYPE_CHECKING:
    from influence.tasks import Task

CARD_FILE = "MODEL_CARD.md"
"""Its name in a model's folder."""
ASIDE = ("output", "suppress", "tracking", "data")
"""Settings that say where things lie, and no more."""
CALIBRATION = ("ece_1d", "ece_21d", "ece_excess_1d", "ece_excess_21d", "brier")


def model_card(
    network: Network,
    *,
    tasks: Sequence[str],
    trained_until: pd.Timestamp,
    departures: Mapping[str, Any],
    summary: Mapping[str, Any] | None = None,
    command: str | None = None,
) -> str:
    """The page, in Markdown.

    Parameters
    ----------
    network
        The records that the model answers from.
    departures
        The settings that are not the defaults.
    summary
        The content of `--json` of its evaluation; without one the card says how to make it.
    command
        The line that makes the same evaluation again.
    """
    from influence.tasks import TASKS  # takes seconds, which commands that only list runs need not wait for

    asked = [TASKS[task] for task in tasks]
    return (
        "\n\n".join(
            (
                f"# Model card: {' and '.join(tasks)}",
                *_purpose(asked),
                *_training(network, trained_until),
                *(_figures(summary) if summary is not None else _UNJUDGED),
                *_limits(asked, summary is not None),
                _PRIVACY,
                *_again(network, departures, summary, command),
            )
        )
        + "\n"
    )


def _purpose(tasks: Sequence[Task]) -> Iterator[str]:
    yield "## What it is for"
    yield "\n".join(f"- **{task.NAME}**: {task.PURPOSE}. Learnt by {task.METHOD}." for task in tasks)
    yield (
        "People who sell use it to decide whom to approach first, and they decide. It is not for decisions "
        "about employment, credit, insurance or anything else of legal or like effect, and not for watching "
        "staff."
    )


def _training(network: Network, until: pd.Timestamp) -> Iterator[str]:
    sheet = network.describe()
    yield "## What it learnt from"
    counted = ", ".join(f"{number:,} {what}" for what, number in sheet.who.items())
    rows = ", ".join(
        f"{n:,} {name}"
        for name, n in zip(sheet.tables["table"], sheet.tables["rows"], strict=True)
        if not TABLES[name].personal
    )
    yield f"What was visible before {until:%Y-%m-%d %H:%M} UTC."
    yield f"The records stored with it hold {counted}; rows: {rows}."
    if len(sheet.outcomes):
        told = zip(sheet.outcomes["outcome"], sheet.outcomes["share"], strict=True)
        yield f"Outcomes of invitations: {', '.join(f'{outcome} {share:.1%}' for outcome, share in told)}."
    yield "`influence describe` on its folder gives the data sheet."


_UNJUDGED = (
    "## How good it is",
    "It was trained on everything, so that nothing is left to judge it by. The same settings are judged on "
    "later records by `influence evaluate CONFIG --data RECORDS`; a task of one's own needs a protocol "
    "for that.",
)


def _figures(summary: Mapping[str, Any]) -> Iterator[str]:
    yield "## How good it is"
    yield (
        f"On {summary['n_test']:,} test rows, all later than what it learnt from; {summary['n_train']:,} "
        f"train, {summary['n_validation']:,} validation; {len(summary['seeds'])} seed(s). Mean and 95 % "
        "interval of a bootstrap; every method saw the same rows, and the baselines were tuned alike."
    )
    yield _table(summary["methods"], shown(summary), "method")
    if summary["differences"]:
        yield "Model minus baseline, paired; **bold** where the interval leaves out zero."
        yield _table(summary["differences"], shown(summary), "baseline", is_difference=True)
    calibration = [name for name in CALIBRATION if name in summary["methods"].get("model", {})]
    if calibration:
        yield "### Calibration"
        yield _table({"model": summary["methods"]["model"]}, calibration, "method")
        yield "`ece_excess` at or below 0: no further off than perfect forecasts would be by chance."
    parts = {name: part["methods"] for name, part in summary.get("slices", {}).items() if part["n_test"]}
    if slices := {name: methods["model"] for name, methods in parts.items() if "model" in methods}:
        yield "### By kind of request"
        yield _table(slices, shown(summary), "slice")


def _limits(tasks: Sequence[Task], is_judged: bool) -> Iterator[str]:
    yield "## What it cannot do"
    yield "\n".join(f"- {task.LIMITS}" for task in tasks)
    yield "## Who should not be scored"
    beyond = " beyond the kinds above" if is_judged else ""
    yield (
        "Whoever asked to be left alone (`suppress`; recommendations obey it, scores mark it), minors, and "
        f"people whose data are held for another purpose. Groups were not compared with each other{beyond}: "
        "check yours before using it where unequal treatment matters."
    )


_PRIVACY = """\
## Privacy

Its folder holds records without names, addresses and profiles; ids from personal sources are pseudonyms
under a key kept elsewhere. These remain personal data. `influence forget` takes a person out of the records
and says that the model has still learnt from them, until it is trained anew. This card names nobody."""


def _again(
    network: Network, departures: Mapping[str, Any], summary: Mapping[str, Any] | None, command: str | None
) -> Iterator[str]:
    yield "## How to make it again"
    kept = {name: value for name, value in departures.items() if name not in ASIDE}
    if command is not None:
        yield f"```sh\n{command}\n```"
    yield f"Records `{network.fingerprint[:16]}`; settings that are not the defaults:"
    yield f"```json\n{json.dumps(kept, indent=1, sort_keys=True)}\n```"
    if summary is not None:
        yield "Every figure stands in `evaluation/summary.json`, every forecast beside it in Parquet."


def _table(
    rows: Mapping[str, Mapping[str, Any]], metrics: Sequence[str], head: str, *, is_difference: bool = False
) -> str:
    known = [name for name in metrics if any(name in own for own in rows.values())]
    lines = [[head, *known], ["---"] * (len(known) + 1)]
    lines += [
        [method, *(_cell(name, own.get(name), is_difference) for name in known)]
        for method, own in rows.items()
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(name: str, interval: Mapping[str, Any] | None, is_difference: bool) -> str:
    if interval is None or not defined(interval):
        return "-"
    form = "+.3f" if is_difference else ".3f"
    ends = ""
    if defined({"value": interval.get("low")}):
        ends = f" [{interval['low']:{form}}, {interval['high']:{form}}]"
    text = f"{interval['value']:{form}}{ends}"
    return f"**{text}**" if is_difference and verdict(name, interval) else text
