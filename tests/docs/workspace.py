"""A folder as the pages speak of it: invented people under the names used there, small models, files."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import networkx
import pandas as pd
import yaml
from tests.readers.folders import SOURCES, write

import influence
from influence.config import parse_config
from influence.data import Network
from influence.readers.tables import write_tables
from influence.synthesis import World, WorldConfig, simulate, write_world

QUICK: dict[str, Any] = {
    "seeds": [0],
    "training": {"max_epochs": 1},
    "trees": {"max_rounds": 20},
    "calibration": {},
    "tracking": {"enabled": False},
}
"""Settings that learn little and fast: what is tested is that the pages' commands work."""

CONTACTS = ("contact_id", "sender_id", "recipient_id", "actor_id", "author_id")
CUSTOMERS = """Kundennr;Vorname;Nachname;E-Mail;Firma;Land
1;Ann;Lee;ann.lee@acme.example;Acme GmbH;Deutschland
2;Bob;Ray;bob.ray@bolt.example;Bolt AG;Polen
"""


def build(folder: Path) -> None:
    """Everything that the pages name, in `folder`."""
    world = simulate(WorldConfig(n_contacts=400, seed=1))
    network = renamed(world.network)
    write_tables(network, folder / "exports")
    _write_configs(folder / "configs")
    for task, name in (("acceptance", "model"), ("leadership", "leaders"), ("partners", "partners")):
        influence.fit(network, parse_config(QUICK | {"task": task})).save(folder / "runs" / name)
    shutil.copytree(folder / "runs" / "model", folder / "runs" / "other")
    _write_lists(network, folder)
    _write_sources(folder)
    _write_archives(world, folder)


def renamed(network: Network) -> Network:
    """The network with the ids that the pages use."""
    sent = network.table("invitations")["sender_id"].value_counts().index
    firms = network.table("companies").set_index("company_id")["country"]
    abroad = network.table("company_links")["source_id"].value_counts().index
    linked = [
        firm for firm in abroad if firms[firm] not in ("DE", "PL")
    ]  # which the pages look for partners in
    strangers = network.table("contacts").loc[~network.table("contacts")["is_own_team"].fillna(False)]
    deal = network.table("deals")["deal_id"].iloc[-1]
    people = {sent[0]: "ana", sent[1]: "bo", strangers["contact_id"].iloc[-1]: "tom"}
    companies = {linked[0]: "acme", linked[1]: "bolt"}
    ids = {"deal_id": {deal: "d017"}, "company_id": companies} | dict.fromkeys(CONTACTS, people)
    tables = {}
    for name, rows in network.tables.items():
        ends = companies if name == "company_links" else people
        known = ids | {"source_id": ends, "target_id": ends}
        tables[name] = rows.assign(
            **{column: rows[column].replace(known[column]) for column in rows.columns if column in known}
        )
    return Network.from_tables(tables)


def _write_configs(folder: Path) -> None:
    folder.mkdir()
    tasks = {
        "default": "acceptance",
        "large": "acceptance",
        "leadership": "leadership",
        "partners": "partners",
    }
    for name, task in tasks.items():
        text = yaml.safe_dump(QUICK | {"task": task})
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def _write_lists(network: Network, folder: Path) -> None:
    """Lists of people as a user would keep them."""
    people = network.table("contacts")["contact_id"].drop_duplicates()
    pairs = network.table("invitations")[["sender_id", "recipient_id"]].drop_duplicates().head(15)
    pairs.to_csv(folder / "pairs.csv", index=False)
    pairs.to_parquet(folder / "pairs.parquet", index=False)
    people.head(50).to_frame().assign(cost=500.0).to_csv(folder / "costs.csv", index=False)
    people.head(20).to_frame().to_csv(folder / "whom.csv", index=False)
    (folder / "leave.csv").write_text("contact_id\n" + "\n".join(people.tail(3)) + "\n", encoding="utf-8")


def _write_sources(folder: Path) -> None:
    """Exports of other systems, as small as can be."""
    for name in ("crm", "hubspot"):
        write(folder / name, SOURCES["hubspot"])
    (folder / "campaign.csv").write_text(SOURCES["campaign_log"]["log.csv"], encoding="utf-8")
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "contacts.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "edges.csv").write_text(SOURCES["edge_list"]["links.csv"], encoding="utf-8")
    networkx.write_gexf(networkx.karate_club_graph(), folder / "network.gexf")
    _write_survey(folder / "survey")
    (folder / "mlruns").mkdir()
    with sqlite3.connect(folder / "mlflow.db") as store:
        store.execute("CREATE TABLE experiments (name TEXT)")


def _write_survey(folder: Path) -> None:
    """Six firms of ten people, who ask one of the first two of their own for advice on machining."""
    folder.mkdir()
    people = [(f"{firm}{number}", firm) for firm in "abcdef" for number in range(10)]
    asked = [
        (f"{firm}{n}", f"{firm}{0 if n % 3 else 1}", "machining") for firm in "abcdef" for n in range(2, 10)
    ]
    contacts = pd.DataFrame(people, columns=["contact_id", "company_id"])
    contacts.to_csv(folder / "contacts.csv", index=False)
    pd.DataFrame(asked, columns=["source_id", "target_id", "topic"]).to_csv(
        folder / "nominations.csv", index=False
    )
    traits = contacts[["contact_id"]].assign(name="years", value=range(len(people)))
    traits.to_csv(folder / "traits.csv", index=False)


def _write_archives(world: World, folder: Path) -> None:
    """Archives of three colleagues; one person in them is called Ann Lee."""
    write_world(world, folder / "world", 3)
    shutil.move(folder / "world" / "archives", folder / "archives")
    shutil.rmtree(folder / "world")
    first, second, third = sorted((folder / "archives").iterdir())
    _call_somebody_ann(first)
    shutil.copy(first, folder / "ann.zip")
    shutil.copy(second, folder / "bob.zip")
    for name in ("archive.zip", "export.zip"):
        shutil.copy(first, folder / name)
    for name, archive in (("cat", third), ("archive", first)):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder / name)
    write_tables(influence.read(folder / "archives"), folder / "tables")


def _call_somebody_ann(archive: Path) -> None:
    """Give the first connection of an archive another name and profile, in every file."""
    with zipfile.ZipFile(archive) as opened:
        files = {entry: opened.read(entry).decode("utf-8") for entry in opened.infolist()}
    connections = next(text for entry, text in files.items() if entry.filename == "Connections.csv")
    given, family, profile = connections.partition("Connected On")[2].splitlines()[1].split(",")[:3]
    spelt = {profile: "https://www.linkedin.com/in/ann-lee-7", f"{given},{family}": "Ann,Lee"}
    spelt[f"{given} {family}"] = "Ann Lee"
    with zipfile.ZipFile(archive, "w") as written:
        for entry, text in files.items():
            for before, after in spelt.items():
                text = text.replace(before, after)
            written.writestr(entry, text)


def names(folder: Path) -> dict[str, Any]:
    """What the Python blocks find defined: the records, the model for acceptance, pairs and people."""
    model = influence.load(folder / "runs" / "model")
    pairs = pd.read_csv(folder / "pairs.csv")
    people = pd.DataFrame({"contact_id": ["ana", "bo"], "topic": "machining"})
    known = {"influence": influence, "model": model, "network": model.network}
    return known | {"pairs": pairs, "people": people}
