"""All that the commands write about a small world, and a person forgotten from it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.commands import ran
from tests.privacy.people import KEY, holding

import influence
from influence.addresses import FORGOTTEN, MODEL_FILE
from influence.data import Network
from influence.data.pseudonyms import pseudonym, pseudonymised
from influence.readers import write_tables

QUICK = "seeds: [0]\ntraining: {max_epochs: 1}\ntrees: {max_rounds: 20}\n"


def with_identities(world: Network) -> Network:
    """The world as an archive would tell of it: readable ids under the key, and who they are."""
    people = list(world.contact_ids)
    readable = {one: f"profile:person-{one}-x" for one in people}
    tables = {
        name: rows.assign(
            **{
                column: rows[column].map(lambda one: readable.get(one, one), na_action="ignore")
                for column in rows.columns
                if column.endswith("_id") and name not in ("companies", "company_links", "deals", "sources")
            }
        )
        for name, rows in world.tables.items()
    }
    told = [
        row
        for one in people
        for row in (
            {"contact_id": readable[one], "kind": "name", "value": f"Given{one} Family{one}"},
            {"contact_id": readable[one], "kind": "profile", "value": f"person-{one}-x"},
            {"contact_id": readable[one], "kind": "email", "value": f"{one}@mail.example"},
        )
    ]
    return Network.from_tables(
        pseudonymised({**tables, "identities": pd.DataFrame(told)}, bytes.fromhex(KEY))
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder where a person appears in everything that is written, and the person's own word."""
    place, before = tmp_path_factory.mktemp("all"), Path.cwd()
    os.chdir(place)
    (place / "key").write_text(KEY)
    os.environ["INFLUENCE_KEY_FILE"] = str(place / "key")
    world = influence.synthesize(400, seed=1)
    write_tables(with_identities(world), place / "network")
    sent = pd.read_parquet("network/invitations.parquet")
    takers = set(pd.read_parquet("network/adoptions.parquet")["contact_id"])
    who = sent.loc[sent["recipient_id"].isin(takers), "recipient_id"].value_counts().index[0]
    names = pd.read_parquet("network/identities.parquet")
    person = names.loc[(names["contact_id"] == who) & (names["kind"] == "profile"), "value"].iloc[0]
    Path("config.yaml").write_text(f"{QUICK}tasks: [acceptance, leadership]\noutput: runs/model\n")
    assert ran("train", "config.yaml", "--data", "network") == 0
    written = ("--json", "runs/figures.json", "--predictions", "runs/predictions.parquet")
    assert ran("evaluate", "config.yaml", "--data", "network", "--model", "runs/evaluated", *written) == 0
    assert ran("report", "runs/evaluated") == 0
    sent[["sender_id", "recipient_id"]].tail(60).to_csv("pairs.csv", index=False)
    own = sent.loc[(sent["recipient_id"] == who) | (sent["sender_id"] == who), ["sender_id", "recipient_id"]]
    own.to_parquet("pairs.parquet")
    for pairs, scores in (("pairs.csv", "runs/scores.parquet"), ("pairs.parquet", "runs/scores.csv")):
        assert ran("score", "runs/model", pairs, scores, "--explain") == 0
    sender = sent["sender_id"].value_counts().index[0]
    asked = ("recommend", "runs/model")
    assert ran(*asked, "acceptance", "--sender", sender, "-k", 400, "--output", "runs/best.csv") == 0
    assert ran(*asked, "leadership", "-k", 400, "--own-team", "--output", "runs/leaders.parquet") == 0
    yield place, person
    os.chdir(before)


@pytest.mark.slow
def test_forget__all_that_was_written__no_byte_left(written: tuple[Path, str]) -> None:
    place, person = written
    own = person.removeprefix("person-").removesuffix("-x")
    terms = (
        person,
        pseudonym(bytes.fromhex(KEY), f"profile:{person}"),
        f"{own}@mail.example",
        f"Given{own} Family{own}",
    )
    before = {one.partition(":")[0] for one in holding(place, terms)}
    assert {"scores.parquet", "scores.csv", "invitations.parquet", "leaders.parquet"} <= before
    assert {"predictions.parquet", "pairs.csv", "pairs.parquet"} & before
    table = pd.read_parquet("network/invitations.parquet")
    events = set(table.loc[(table[["sender_id", "recipient_id"]] == terms[1]).any(axis=1), "invitation_id"])
    assert ran("forget", f"Given{own} Family{own}", "--in", ".", "--json", "forgotten.json") == 0
    assert holding(place, terms) == []
    assert holding(place, sorted(events)[:20]) == []
    told = json.loads(Path("forgotten.json").read_text())
    assert "runs/model" in told["retrain"] and "runs/evaluated" in told["retrain"]
    assert any(folder.startswith("mlruns") for folder in told["retrain"])
    assert json.loads((place / "runs/model" / MODEL_FILE).read_text())[FORGOTTEN] is True
    model = influence.load("runs/model")
    assert "train it anew" in model.network.notes[0]
    assert terms[1] not in model.network.contact_ids
    pairs = pd.read_csv("pairs.csv", dtype="str")
    assert model.predict("acceptance", pairs)["p_within_3_weeks"].between(0, 1).all()
    assert ran("report", "runs/evaluated") == 0
    assert ran("train", "config.yaml", "--data", "network") == 0
    assert FORGOTTEN not in json.loads((place / "runs/model" / MODEL_FILE).read_text())
