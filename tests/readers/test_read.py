"""What holds for every reader, and for `read` before and after it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.readers.folders import (
    ANY_ENCODING,
    BY_LINES,
    CAMPAIGN,
    CONTACTS,
    INVITATIONS,
    MESSAGES,
    RATINGS,
    SEARCHES,
    SOURCES,
    WITHOUT_HEADER,
    shuffled,
    write,
)

from influence.data import Network
from influence.errors import ConfigError, DataError, InfluenceError
from influence.readers import READERS, read


def _facts(network: Network) -> dict[str, pd.DataFrame]:
    """The tables without what tells from which file each row came, such as its SHA-256."""
    told = {name: rows for name, rows in network.tables.items() if name != "sources"}
    trace = {"contacts": "source", "identities": "source_id"} if "sources" in network.tables else {}
    return {name: rows.drop(columns=trace.get(name, [])) for name, rows in told.items()}


def _assert_same(one: Network, other: Network) -> None:
    assert set(one.tables) == set(other.tables)
    for name, rows in _facts(one).items():
        pd.testing.assert_frame_equal(rows, _facts(other)[name])


def _notes(network: Network) -> list[str]:
    of_one_run = ("made just now", "under the key", "no legal basis")
    return [note for note in network.notes if not any(words in note for words in of_one_run)]


def test_sources__every_reader__has_one() -> None:
    # A database is no folder (test_databases.py); a mapping tells of the rest, not its files.
    assert set(SOURCES) == set(READERS) - {"database", "mapped"}


@pytest.mark.parametrize("name", SOURCES)
def test_read__a_source__recognised_and_said(name: str, tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES[name]))
    assert network.notes[0] == f"Recognised as {name}."
    _assert_same(read(tmp_path, reader=name), network)


@pytest.mark.parametrize("name", BY_LINES)
def test_read__rows_shuffled__same_network(name: str, tmp_path: Path) -> None:
    files, rng = SOURCES[name], np.random.default_rng(5)
    network = read(write(tmp_path / "a" / "source", files))
    for number in range(3):
        other = {
            file: shuffled(text, rng, has_header=name not in WITHOUT_HEADER) for file, text in files.items()
        }
        again = read(write(tmp_path / f"b{number}" / "source", other))
        _assert_same(again, network)
        assert again.fingerprint == network.fingerprint or READERS[name].personal
        assert _notes(again) == _notes(network)


@pytest.mark.parametrize("name", SOURCES)
def test_read__bom_and_crlf__same_network(name: str, tmp_path: Path) -> None:
    network = read(write(tmp_path / "a", SOURCES[name]))
    other = {file: "\ufeff" + text.replace("\n", "\r\n") for file, text in SOURCES[name].items()}
    for file, text in other.items():
        (tmp_path / "b").mkdir(exist_ok=True)
        (tmp_path / "b" / file).write_bytes(text.encode())
    _assert_same(read(tmp_path / "b"), network)


@pytest.mark.parametrize("name", [name for name in BY_LINES if name not in WITHOUT_HEADER])
def test_read__header_only__error_says_there_are_no_rows(name: str, tmp_path: Path) -> None:
    files = {file: text.splitlines()[0] + "\n" for file, text in SOURCES[name].items()}
    with pytest.raises(DataError, match="holds no rows"):
        read(write(tmp_path, files))


@pytest.mark.parametrize("name", BY_LINES)
def test_read__ragged_line__error_names_the_file(name: str, tmp_path: Path) -> None:
    file, text = next(iter(SOURCES[name].items()))
    for ragged in ("one\n", "1,2," * 50 + "3\n"):
        with pytest.raises(DataError, match=rf"{file} cannot be read: .*Expected \d+ columns, got"):
            read(write(tmp_path, {**SOURCES[name], file: text + ragged}))


@pytest.mark.parametrize("name", [name for name in BY_LINES if name not in ANY_ENCODING])
def test_read__not_utf8__error_names_the_file_and_the_remedy(name: str, tmp_path: Path) -> None:
    file, text = next(iter(SOURCES[name].items()))
    write(tmp_path, SOURCES[name])
    last = text.splitlines()[-1].split(",")
    (tmp_path / file).write_bytes(text.encode() + ",".join(["Zoë", *last[1:]]).encode("latin-1"))
    with pytest.raises(DataError, match=f"{file} cannot be read: it is not UTF-8. Save it as UTF-8."):
        read(tmp_path)


def test_read__nothing_there__told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file or folder '.*nowhere'") as caught:
        read(tmp_path / "nowhere")
    assert len(str(caught.value).splitlines()) == 1


def test_read__empty_folder__error_lists_what_each_reader_looks_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty") as caught:
        read(tmp_path)
    assert len(caught.value.problems) == len(READERS)
    assert (
        "messages looks for messages.csv with the columns sender, recipient, time." in caught.value.problems
    )


def test_read__strange_folder__error_lists_what_each_reader_looks_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No reader recognises") as caught:
        read(write(tmp_path, {"messages.csv": "from,to\n1,2\n", "readme.txt": "hello"}))
    assert len(caught.value.problems) == len(READERS)


def test_read__a_file_of_a_folder__error_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is one file of what messages reads as a whole"):
        read(write(tmp_path, {"messages.csv": MESSAGES}) / "messages.csv")


def test_read__strange_file_beside_a_campaign_log__not_taken_for_a_part_of_it(tmp_path: Path) -> None:
    folder = write(tmp_path, {"log.csv": CAMPAIGN, "people.csv": "Nachname\nMartin\n"})
    with pytest.raises(DataError, match="No reader recognises"):
        read(folder / "people.csv")


def test_read__unknown_reader__nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'messages'"):
        read(write(tmp_path, {"messages.csv": MESSAGES}), reader="message")


def test_read__named_reader_finds_nothing__error_says_what_it_looks_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not hold what ratings looks for"):
        read(write(tmp_path, {"messages.csv": MESSAGES}), reader="ratings")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"messages.csv": MESSAGES + "a,c,soon\n"},
         "messages.csv.time is not a number of seconds in 1 row (8)."),
        ({"messages.csv": MESSAGES + "a,c,inf\n"},
         "messages.csv.time is not a number of seconds in 1 row (8)."),
        ({"messages.csv": MESSAGES + "a,c,1082040961000\n"},
         "messages.csv.time is not a number of seconds in 1 row"),
        ({"messages.csv": MESSAGES + ",c,1082040961\n"},
         "messages.csv.sender or recipient is missing in 1 row (8)."),
        ({"ratings.csv": RATINGS + "1,2,11,1289241911\n"},
         "ratings.csv.rating is not a number from -10 to 10 in 1 row (7)."),
        ({"votes.csv": "1,2,1\n1,3,for\n"}, "votes.csv.sign is none of -1, 0, 1 in 1 row (2)."),
        ({**SOURCES["airbnb"], "contacts.csv": CONTACTS.replace("10-05 10", "10-03 10")},
         "contacts.csv.ts_accepted_at is before ts_contact_at in 1 row (1)."),
        ({**SOURCES["airbnb"], "contacts.csv": CONTACTS.replace("bob,hal", "hal,hal")},
         "contacts.csv.id_host is the guest in 1 row (3)."),
        ({**SOURCES["airbnb"], "searches.csv": SEARCHES.replace("2014-10-03", "monday")},
         "searches.csv.ds is not a day in 1 row (4)."),
        ({"invitations.csv": INVITATIONS + "i2,9,9,2024-01-02T08:00:00Z,pending,\n"},
         "invitations.recipient_id is the sender in 1 row (3)."),
    ],
)  # fmt: skip
def test_read__row_at_fault__told_or_set_aside(files: dict[str, str], problem: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "source", files)
    with pytest.raises(DataError) as caught:
        read(folder)
    assert caught.value.problems[0].startswith(problem)
    assert not (tmp_path / "aside").exists()
    network = read(folder, set_aside=tmp_path / "aside")
    assert sum(f"Set aside: {problem}" in note for note in network.notes) == 1
    (listed,) = (tmp_path / "aside").rglob("*.csv")
    assert len(pd.read_csv(listed)) == 1


def test_read__all_rows_at_fault__error_even_when_set_aside(tmp_path: Path) -> None:
    with pytest.raises(InfluenceError, match="not a number of seconds in 1 row"):
        read(
            write(tmp_path, {"messages.csv": "sender,recipient,time\na,b,soon\n"}),
            set_aside=tmp_path / "aside",
        )
    assert not (tmp_path / "aside").exists()
