"""One list of people to be left alone, and no recommendation names them, however they are given."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.commands import ran
from tests.prediction.partner_worlds import START, market, quick_partners
from tests.prediction.test_introductions import MOMENT, staffed_records
from tests.prediction.test_leadership import AT, config, records

import influence
from influence import experiment
from influence.data import Network
from influence.data.pseudonyms import pseudonym, pseudonymised
from influence.errors import DataError
from influence.prediction import Model
from influence.prediction.suppression import VARIABLE

LATE = START + pd.Timedelta(days=600)
FORMS: dict[str, Callable[[str], str]] = {
    "id": lambda one: one,
    "slug": lambda one: f"In-{one}-x",
    "address": lambda one: f"https://www.linkedin.com/in/in-{one}-x/",
    "e-mail": lambda one: f"{one.upper()}@mail.example",
}


def identified(network: Network) -> Network:
    """The same, and a profile and an address of everybody."""
    ids = network.contact_ids
    told = pd.concat(
        [
            pd.DataFrame({"contact_id": ids, "kind": "profile", "value": [f"in-{one}-x" for one in ids]}),
            pd.DataFrame(
                {"contact_id": ids, "kind": "email", "value": [f"{one}@mail.example" for one in ids]}
            ),
        ]
    )
    return network.with_tables(identities=told)


def people_market() -> Network:
    """The market as one of people: connections in the place of links."""
    companies, links = (market().table(name) for name in ("companies", "company_links"))
    people = companies.rename(columns={"company_id": "contact_id"})[["contact_id", "country", "industry"]]
    ties = links.rename(columns={"at": "connected_at"})[["source_id", "target_id", "connected_at"]]
    return Network.from_tables({"contacts": people, "connections": ties})


@pytest.fixture(scope="module")
def asked(model: Model) -> dict[str, Callable[[], pd.DataFrame]]:
    """Question -> asks it of a model that knows everybody's identities."""
    acceptance = model.with_network(identified(staffed_records()))
    leadership = influence.fit(identified(records()), config(), at=AT)
    partners = experiment.fit(identified(people_market()), quick_partners(), at=LATE)
    return {
        "acceptance": lambda: acceptance.recommend("acceptance", sender_id="p00", k=12, at=MOMENT),
        "plan": lambda: acceptance.plan("acceptance", sender_id=["p00", "p01"], k=12, at=MOMENT).invitations,
        "introductions": lambda: acceptance.recommend(
            "introductions", contact_id=[f"p{i}" for i in range(10, 40)], at=MOMENT, k=12
        ),
        "deal": lambda: acceptance.deal("d1", at=MOMENT).approach,
        "leadership": lambda: leadership.recommend("leadership", k=12, at=AT, topic="steel"),
        "ambassadors": lambda: leadership.ambassadors(k=6, at=AT).people,
        "mixes": lambda: leadership.ambassador_mixes(k=4, at=AT, n_mixes=3),
        "partners": lambda: partners.recommend("partners", contact_id="c00", k=12, at=LATE),
    }


QUESTIONS = ("acceptance", "plan", "introductions", "deal", "leadership", "ambassadors", "mixes", "partners")


def named(rows: pd.DataFrame) -> set[str]:
    """Every id that stands anywhere in an answer."""
    return set(re.findall(r"\b[pc]\d\d\b", rows.to_csv(index=False)))


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_recommend__suppressed__never_comes_out(
    asked: dict[str, Callable[[], pd.DataFrame]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    question: str,
    data: st.DataObject,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    free = asked[question]()
    ours = {"p00", "p01", "c00"} if question != "leadership" else set()
    names = sorted(named(free) - ours)
    who = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    form = data.draw(st.sampled_from(sorted(FORMS)))
    (tmp_path / "list.txt").write_text("\n".join(FORMS[form](one) for one in who))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "list.txt"))
    found = asked[question]()
    assert not named(found) & set(who), (question, form)
    assert list(found.columns) == list(free.columns)


def test_recommend__list_in_the_configuration__obeyed_and_kept_with_the_model(
    model: Model, tmp_path: Path, key_file: Path
) -> None:
    key_file.write_text("ab" * 32)
    key = bytes.fromhex("ab" * 32)
    keyed = Network.from_tables(pseudonymised(identified(staffed_records()).tables, key))
    listed = tmp_path / "list.csv"
    free = model.with_network(keyed).recommend("acceptance", sender_id=pseudonym(key, "p00"), k=5, at=MOMENT)
    first = next(f"p{i:02d}" for i in range(40) if pseudonym(key, f"p{i:02d}") == free["recipient_id"][0])
    listed.write_text(f"contact_id\n{first}@mail.example\n")
    own = Model(
        keyed,
        model.config.model_copy(update={"suppress": listed}),
        model.heads,
        model.trained_until,
    )
    own.save(tmp_path / "model")
    loaded = influence.load(tmp_path / "model")
    assert "identities" not in loaded.network, "who people are stays out of models"
    for each in (own, loaded):
        found = each.recommend("acceptance", sender_id=pseudonym(key, "p00"), k=5, at=MOMENT)
        assert len(found) == 5
        assert free["recipient_id"][0] not in set(found["recipient_id"])
    for path in (tmp_path / "model").rglob("*"):
        assert not path.is_file() or b"mail.example" not in path.read_bytes()
    listed.unlink()
    with pytest.raises(DataError, match="There is no file"):
        loaded.recommend("acceptance", sender_id=pseudonym(key, "p00"), k=5, at=MOMENT)


def test_recommend__name_in_the_list__refused(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.txt").write_text("Ann Lee\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "list.txt"))
    with pytest.raises(DataError, match="names 'Ann Lee', which is no id"):
        model.recommend("acceptance", sender_id="p00", k=5)


def test_commands__list_in_the_environment__recommend_leaves_out_score_marks(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.with_network(staffed_records()).save(tmp_path / "model")
    asked = ("recommend", tmp_path / "model", "acceptance", "--sender", "p00", "-k", 5, "--at", MOMENT)
    assert ran(*asked, "--output", tmp_path / "free.csv") == 0
    first = pd.read_csv(tmp_path / "free.csv")["recipient_id"][0]
    pairs = pd.DataFrame({"sender_id": "p00", "recipient_id": ["p20", first, "p21"]})
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    scored = ("score", tmp_path / "model", tmp_path / "pairs.csv", tmp_path / "scores.csv", "--at", MOMENT)
    assert ran(*scored) == 0
    assert "suppressed" not in pd.read_csv(tmp_path / "scores.csv")
    (tmp_path / "list.txt").write_text(f"{first}\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "list.txt"))
    for words in ((), ("--explain",)):
        assert ran(*asked, *words, "--output", tmp_path / "kept.csv") == 0
        assert first not in (tmp_path / "kept.csv").read_text()
    assert ran(*scored) == 0
    marks = pd.read_csv(tmp_path / "scores.csv")
    assert marks["suppressed"].tolist() == [False, True, False]
    assert marks["p_within_3_weeks"].notna().all()
