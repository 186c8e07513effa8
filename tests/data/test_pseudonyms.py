"""Ids of people under a key."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pandas as pd
import pytest

from influence.data.pseudonyms import key_of, personal_columns, pseudonym, pseudonymised
from influence.errors import DataError
from influence.schema import TABLES


def test_key_of__no_file__made_for_the_owner_alone_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "own" / "key"
    key, is_new = key_of(file)
    assert is_new
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key_of(file) == (key, False)
    assert key_of(tmp_path / "other")[0] != key


@pytest.mark.parametrize("text", ["", "secret", "ab" * 31, "ab" * 33, "zz" * 32])
def test_key_of__no_key_in_it__error_keeps_the_file(text: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    with pytest.raises(DataError, match="64 hexadecimal digits"):
        key_of(file)
    assert file.read_text() == text


def test_pseudonym__by_hand__hmac_sha256() -> None:
    expected = hmac.new(b"k" * 32, b"profile:ana", hashlib.sha256).hexdigest()
    assert expected.startswith(pseudonym(b"k" * 32, "profile:ana"))


def test_pseudonymised__people_and_events__replaced_alike_everywhere_and_nothing_else() -> None:
    tables = {
        "contacts": pd.DataFrame({"contact_id": ["ana", "bo"], "company_id": ["acme", pd.NA]}),
        "connections": pd.DataFrame({"source_id": ["ana"], "target_id": ["bo"], "observed_by": ["ana"]}),
        "deal_roles": pd.DataFrame({"deal_id": ["d1"], "contact_id": ["bo"], "side": ["buy"]}),
        "company_links": pd.DataFrame({"source_id": ["ana"], "target_id": ["bo"]}),
    }
    key = b"k" * 32
    ana, bo = pseudonym(key, "ana"), pseudonym(key, "bo")
    found = pseudonymised(tables, key)
    assert found["contacts"]["contact_id"].tolist() == [ana, bo]
    assert found["contacts"]["company_id"].iloc[0] == "acme"
    assert found["contacts"]["company_id"].isna().tolist() == [False, True]
    assert found["connections"].iloc[0].tolist() == [ana, bo, ana]
    assert found["deal_roles"].iloc[0].tolist() == ["d1", bo, "buy"]
    assert found["company_links"].equals(tables["company_links"]), "companies are no people"


def test_personal_columns__whole_vocabulary__every_reference_to_contacts() -> None:
    for table in TABLES.values():
        found = set(personal_columns(table))
        assert {column.name for column in table.columns if column.references == "contacts"} <= found
        assert not {"company_id", "deal_id", "item", "source"} & found
