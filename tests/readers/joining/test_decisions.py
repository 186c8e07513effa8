"""Ambiguous pairs decided, matches undone: by the table, and as a user does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from tests.readers.folders import write
from tests.readers.joining.people import contact_of, source

from influence import cli
from influence.errors import ConfigError, DataError
from influence.readers import ReadingConfig, Records, read
from influence.readers.config import JoiningConfig
from influence.readers.joining import decisions, join, match

ANNA = {"id": "profile:anna", "name": "Anna Schmidt", "employer": "Acme"}
FOUND = [
    source("a:0", [ANNA, {"id": "a:2", "name": "Bob Meier"}]),
    source("b:0", [{**ANNA, "id": "b:1"}, {"id": "b:2", "name": "Bob Meier"}]),
]
Decide = Callable[..., ReadingConfig]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """A configuration with decisions about pairs of record ids."""

    def decided(*rows: tuple[str, str, str]) -> ReadingConfig:
        columns = {"decision": 0, "record_one": 1, "record_two": 2}
        table = pd.DataFrame({name: [row[place] for row in rows] for name, place in columns.items()})
        path = tmp_path / "decisions.csv"
        table.assign(source_one="a:0", source_two="b:0").to_csv(path, index=False)
        return ReadingConfig(joining=JoiningConfig(decisions=path))

    return decided


def test_decisions__same__joined(decide: Decide) -> None:
    assert contact_of(join(FOUND, ReadingConfig()))["b:2"] == "b:2"
    records = join(FOUND, decide(("same", "b:2", "a:2")))
    assert contact_of(records)["b:2"] == "a:2"
    assert "decision" in records.tables["matches"]["rule"].tolist()


def test_decisions__apart__never_joined_and_no_longer_listed(decide: Decide) -> None:
    assert contact_of(join(FOUND, ReadingConfig()))["b:1"] == "profile:anna"
    asked = decide(("apart", "b:1", "profile:anna"))
    assert contact_of(join(FOUND, asked))["b:1"] == "b:1"
    listed = match(FOUND, asked.joining).ambiguous
    assert listed["record_two"].tolist() == ["b:2"]


@pytest.mark.parametrize("exported_anew", [False, True])
def test_decisions__apart_under_one_id__the_second_gets_an_id_of_its_own(
    decide: Decide, exported_anew: bool
) -> None:
    second = "b:9" if exported_anew else "b:0"
    same = [
        source("a:0", [{"id": "profile:x", "name": "X Y"}]),
        source(second, [{"id": "profile:x", "name": "X Y"}]),
    ]
    matches = join(same, decide(("apart", "profile:x", "profile:x"))).tables["matches"]
    assert sorted(matches["contact_id"]) == ["profile:x", f"profile:x#{second}"]


def test_decisions__apart_within_a_chain__nobody_joins_the_two(decide: Decide) -> None:
    found = [source(f"{name}:0", [{"id": f"{name}:1", "email": "x@acme.com"}]) for name in "abc"]
    contacts = contact_of(join(found, decide(("apart", "a:1", "c:1"))))
    assert contacts["a:1"] != contacts["c:1"]


def test_decisions__contradictory__error_names_both(decide: Decide) -> None:
    found = [source(f"{name}:0", [{"id": f"{name}:1"}]) for name in "abc"]
    with pytest.raises(DataError, match="contradict each other"):
        join(found, decide(("same", "a:1", "b:1"), ("same", "b:1", "c:1"), ("apart", "a:1", "c:1")))


def test_decisions__records_that_nobody_holds__told(decide: Decide) -> None:
    notes = join(FOUND, decide(("same", "a:2", "gone:1"), ("", "x", "y"))).notes
    assert any(note.startswith("1 decisions in ") for note in notes)


def test_decisions__unknown_word__error_with_the_nearest(decide: Decide) -> None:
    with pytest.raises(DataError, match=r"decision is 'sane' in row 1.*Did you mean 'same'"):
        join(FOUND, decide(("sane", "a:2", "b:2")))


def test_decisions__absent_or_foreign_file__error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", write(tmp_path, {"x.csv": "a,b\n1,2\n"}) / "x.csv"):
        with pytest.raises(DataError, match="influence matches"):
            join(FOUND, ReadingConfig(joining=JoiningConfig(decisions=path)))


def test_ambiguous__file_asked_for__filled_in_and_read_back_decides(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    records = join(FOUND, ReadingConfig(joining=JoiningConfig(ambiguous=path)))
    assert any(
        note == f"1 pairs of records may be one person and were not joined; listed in {path}."
        for note in records.notes
    )
    rows = pd.read_csv(path, keep_default_na=False)
    assert list(rows.columns) == list(decisions.COLUMNS)
    assert rows[["record_one", "names_one", "record_two", "names_two"]].to_numpy().tolist() == [
        ["a:2", "Bob Meier", "b:2", "Bob Meier"]
    ]
    rows.assign(decision="Same ").to_csv(path, index=False)
    assert contact_of(join(FOUND, ReadingConfig(joining=JoiningConfig(decisions=path))))["b:2"] == "a:2"
    with pytest.raises(ConfigError, match="holds decisions, which would be lost"):
        join(FOUND, ReadingConfig(joining=JoiningConfig(ambiguous=path)))


def test_ambiguous__name_is_a_formula__defused_and_ids_survive(tmp_path: Path) -> None:
    evil = "=HYPERLINK(1) Smith"
    found = [source("a:0", [{"id": "=1", "name": evil}]), source("b:0", [{"id": "+2", "name": evil}])]
    path = tmp_path / "pairs.csv"
    join(found, ReadingConfig(joining=JoiningConfig(ambiguous=path)))
    rows = pd.read_csv(path, keep_default_na=False, dtype=str)
    assert rows["names_one"].tolist() == [f"'{evil}"]
    rows.assign(decision="same").to_csv(path, index=False)
    contacts = contact_of(join(found, ReadingConfig(joining=JoiningConfig(decisions=path))))
    assert len(set(contacts.values())) == 1


CONTACTS = "contact_id\n{0}1\n{0}2\n"
IDENTITIES = "contact_id,kind,value\n{0}1,name,Anna Schmidt\n{0}1,employer,Acme\n{0}2,name,Bob Meier\n"


def _command(*words: object) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main([str(word) for word in words])
    assert isinstance(left.value.code, int)
    return left.value.code


def test_matches__as_a_user_runs_it__shown_written_decided_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [
        write(
            tmp_path / name,
            {"contacts.csv": CONTACTS.format(name), "identities.csv": IDENTITIES.format(name)},
        )
        for name in "ab"
    ]
    assert _command("matches", *places) == 0
    shown = capsys.readouterr().out
    assert "4 records of 2 sources are 3 contacts (1 by name and company)." in shown
    assert "Joined: 1 pair\n" in shown
    assert "like names, company unknown" in shown
    pairs = tmp_path / "pairs.csv"
    assert _command("matches", *places, "--output", pairs) == 0
    rows = pd.read_csv(pairs, keep_default_na=False)
    assert rows["reason"].tolist() == ["like names, company unknown", "name and company"]
    rows.assign(decision=["same", "apart"]).to_csv(pairs, index=False)
    network = read(places, config=ReadingConfig(joining=JoiningConfig(decisions=pairs)))
    assert network.contact_ids.tolist() == ["a1", "a2", "b1"]
    assert _command("matches", *places, "--output", pairs) == 2
    assert "holds decisions" in capsys.readouterr().err


def test_matches__one_source__error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("matches", write(tmp_path, {"contacts.csv": CONTACTS})) == 2
    assert "Name two or more" in capsys.readouterr().err


def test_join__records_untouched_by_joining(tmp_path: Path) -> None:
    before = [Records({name: rows.copy() for name, rows in each.tables.items()}) for each in FOUND]
    join(FOUND, ReadingConfig())
    for one, other in zip(before, FOUND, strict=True):
        for name, rows in one.tables.items():
            pd.testing.assert_frame_equal(rows, other.tables[name])
