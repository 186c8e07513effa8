"""What the blindness of archives costs: acceptance learnt from all tables, and from ten members' archives.

The same test invitations, those that the ten sent last, are forecast from four sets of records: all tables of
a synthetic world; these without the invitations that do not touch the ten; only the rows that the ten
archives could show; and the archives themselves, as read.  `python -m benchmarks.archives CONFIG`
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from influence import readers
from influence.config import Config, load_config
from influence.data import Network
from influence.data.pseudonyms import KEY_BYTES, key_of, pseudonym
from influence.evaluation.summary import figures, write_json, write_predictions
from influence.experiment import fit
from influence.model.hazard import HORIZON_DAYS
from influence.synthesis import WorldConfig, simulate
from influence.synthesis.archives import View, own_team, write_archives
from influence.tasks.acceptance import outcomes_of

FULL, FEWER = "all tables", "all but others' invitations"
SHOWN, READ = "rows that archives show", "archives as read"
TEST_SHARE = 0.15
METRICS = ("auc", "log_loss", "brier", "ece_21d")


@dataclass(frozen=True)
class Test:
    """The invitations to forecast, by their id in the world, and from when on they were sent."""

    invitations: pd.DataFrame
    since: pd.Timestamp

    @classmethod
    def of(cls, network: Network, owners: tuple[str, ...]) -> Test:
        """The latest share of what the owners sent, of all that could be watched for three weeks."""
        sent = network.table("invitations").sort_values(["sent_at", "invitation_id"])
        watched = sent["sent_at"] <= sent["observed_until"] - pd.Timedelta(days=HORIZON_DAYS)
        own = sent[watched & sent["sender_id"].isin(owners)]
        chosen = own.tail(round(TEST_SHARE * len(own))).reset_index(drop=True)
        return cls(chosen.assign(label=outcomes_of(chosen).classes), chosen["sent_at"].min())


def fewer(network: Network, owners: tuple[str, ...]) -> Network:
    """All tables, of the invitations those that touch an owner."""
    return network.with_tables(invitations=View.of(network, owners).invitations)


def shown(network: Network, owners: tuple[str, ...]) -> Network:
    """The tables with the rows that the owners' archives could show; people keep their attributes."""
    view = View.of(network, owners)
    acts = view.interactions.drop(columns=["activity", "number"])
    own_posts = acts["content_id"].isin(view.contents["content_id"])
    tables = {
        "connections": view.connections,
        "invitations": view.invitations,
        "interactions": acts.assign(content_id=acts["content_id"].where(own_posts)),
        "contents": view.contents.drop(columns="activity"),
    }
    known, contacts = Network.from_tables(tables).contact_ids, network.table("contacts")
    tables["contacts"] = contacts[contacts["contact_id"].isin(known)]
    kept = ("companies", "countries", "country_pairs", "sources")
    return Network.from_tables({**tables, **{name: network.table(name) for name in kept}})


def as_read(network: Network, owners: tuple[str, ...], seed: int) -> tuple[Network, pd.Series]:
    """The owners' archives as read, and the id that everybody has there, by the id in the world."""
    with tempfile.TemporaryDirectory() as name:
        folder, key_file = Path(name) / "archives", Path(name) / "key"
        # Ids decide the order of contacts, and that what is drawn in training: always the same key.
        key_file.write_text("0" * 2 * KEY_BYTES)
        people = write_archives(network, owners, folder, rng=WorldConfig(seed=seed).rng("archives"))
        started = time.perf_counter()
        found = readers.read(folder, config=readers.ReadingConfig(key_file=key_file))
        print(f"read in {time.perf_counter() - started:.1f} s: {found!r}", flush=True)
        key, _ = key_of(key_file)
    return found, ("profile:" + people["profile"]).map(lambda own: pseudonym(key, own))


def forecasts(network: Network, test: Test, config: Config, ids: pd.Series | None) -> pd.DataFrame:
    """Chances of the test invitations, learnt from what the records showed before the first of them."""
    pairs = test.invitations[["sender_id", "recipient_id", "sent_at", "has_note"]]
    if ids is not None:
        # Archives tell minutes: asked at the second, an invitation would have been seen already.
        pairs = pairs.assign(
            sender_id=pairs["sender_id"].map(ids), recipient_id=pairs["recipient_id"].map(ids)
        )
        sent = network.table("invitations")[["sender_id", "recipient_id", "sent_at"]]
        pairs = pairs.drop(columns="sent_at").merge(sent, how="left", validate="one_to_one")
    started = time.perf_counter()
    model = fit(network, config, at=test.since).with_network(network)
    told = model.predict("acceptance", pairs)
    n_train = (network.table("invitations")["sent_at"] < test.since).sum()
    print(f"{n_train:,} invitations learnt from, {time.perf_counter() - started:.0f} s", flush=True)
    return told[["p_at_once", "p_within_3_weeks", "p_declined"]]


def of_world(seed: int, asked: argparse.Namespace, config: Config) -> Iterator[pd.DataFrame]:
    """Every forecast of one world's test invitations."""
    network = simulate(WorldConfig(n_contacts=asked.contacts, seed=seed)).network
    owners = own_team(network, asked.archives)
    test = Test.of(network, owners)
    records = {
        FULL: (network, None),
        FEWER: (fewer(network, owners), None),
        SHOWN: (shown(network, owners), None),
        READ: as_read(network, owners, seed),
    }
    for name, (known, ids) in records.items():
        for run in config.seeds:
            own = config.model_copy(update={"seeds": (run,)})
            print(f"world {seed}, seed {run}, {name}", flush=True)
            yield forecasts(known, test, own, ids).assign(
                query_id=f"{seed}:" + test.invitations["invitation_id"],
                candidate_id=test.invitations["recipient_id"],
                label=test.invitations["label"],
                group=f"{seed}:" + test.invitations["sender_id"],
                sent_at=test.invitations["sent_at"],
                method=name,
                seed=run,
            )


def main() -> None:
    """Print the figures of each set of records, and their differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="the configuration to train with")
    parser.add_argument("--contacts", type=int, default=6_000, help="people in each world")
    parser.add_argument("--archives", type=int, default=10, help="members who give their archive")
    parser.add_argument("--worlds", type=int, nargs="+", default=[0, 1, 2], help="seeds of the worlds")
    parser.add_argument("--json", help="write the figures here")
    parser.add_argument("--predictions", help="write every forecast here (Parquet)")
    asked = parser.parse_args()
    config, rows = load_config(asked.config), pd.DataFrame()
    for seed in asked.worlds:
        rows = pd.concat([rows, *of_world(seed, asked, config)], ignore_index=True)
        if asked.predictions:
            write_predictions(rows, asked.predictions)
        found = figures(rows, READ)
        if asked.json:
            write_json(found, asked.json)
        _print(found)


def _print(found: dict[str, Any]) -> None:
    """The figures of all worlds so far."""
    print(
        f"{found['n_test']:,} test invitations, {found['n_accepted_21d']:,} accepted; {os.cpu_count()} cores"
    )
    for part, of in (("methods", "value"), ("differences", "archives as read minus it")):
        for name, told in found[part].items():
            print(f"{name} ({of}): {', '.join(_in_words(told, metric) for metric in METRICS)}", flush=True)


def _in_words(told: dict[str, Any], metric: str) -> str:
    own = told[metric]
    return f"{metric} {own['value']:.3f} [{own['low']:.3f}, {own['high']:.3f}]"


if __name__ == "__main__":
    main()
