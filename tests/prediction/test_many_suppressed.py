"""Long lists of people to leave alone: what is on record is gone through once, not once for each entry."""

from __future__ import annotations

import pandas as pd
import pytest

from influence.data import Network, identities
from influence.prediction.suppression import LEFT_ALONE, without

N_PEOPLE, N_ENTRIES = 40, 300


def records() -> Network:
    people = [f"p{number:02d}" for number in range(N_PEOPLE)]
    told = pd.DataFrame(
        {"contact_id": people, "kind": "profile", "value": [f"in/slug-{one}" for one in people]}
    )
    return Network.from_tables({"contacts": pd.DataFrame({"contact_id": people}), "identities": told})


def test_directory__long_list__each_identity_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, word_of = list[str](), identities.word_of
    monkeypatch.setattr(identities, "word_of", lambda asked: read.append(asked) or word_of(asked))
    directory = identities.Directory(records(), {}, None)
    entries = [f"https://www.linkedin.com/in/slug-p{number:02d}/" for number in range(N_ENTRIES)]
    found = [directory.ids_of(entry) for entry in entries]
    assert len(read) == N_PEOPLE + N_ENTRIES
    assert found[:N_PEOPLE] == [{f"p{number:02d}"} for number in range(N_PEOPLE)]
    assert not any(found[N_PEOPLE:])


def test_without__thousands_of_others__the_one_who_is_named_is_blanked_and_parts_of_words_stay() -> None:
    rows = pd.DataFrame({"recipient_id": ["a", "b", "x7"], "reasons": ["through x7, x70 and y", None, "z"]})
    rows.attrs["sentences"] = ("kept",)
    found = without(rows, frozenset(["x7", *(f"other{number}" for number in range(5_000))]))
    assert found["recipient_id"].tolist() == ["a", "b"]
    assert found["reasons"].iloc[0] == f"through {LEFT_ALONE}, x70 and y"
    assert pd.isna(found["reasons"].iloc[1])
    assert found.attrs == {"sentences": ("kept",)}
