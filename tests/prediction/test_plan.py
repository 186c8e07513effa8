"""Plans of a fitted model: within every limit, of the past alone, and with their reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.prediction import Model

TASK = "acceptance"
MOMENT = at(150)
TEAM = ["p01", "p02", "p03"]


@pytest.fixture(scope="module")
def staffed(model: Model) -> Model:
    """The model with four contacts to a company, the last ones without one."""
    contacts = network().table("contacts")
    number = contacts["contact_id"].str[1:].astype(int)
    company = ("c" + (number // 4).astype("str")).astype("str").mask(number >= 32)
    return model.with_network(network().with_tables(contacts=contacts.assign(company_id=company)))


def past(records: Network) -> pd.DataFrame:
    return records.as_of(MOMENT).table("invitations")


def test_plan__one_sender_no_limits__its_most_likely_and_their_sum(model: Model) -> None:
    every = model.plan(TASK, sender_id="p01", k=100, at=MOMENT).invitations
    plan = model.plan(TASK, sender_id="p01", k=6, at=MOMENT)
    assert plan.invitations["recipient_id"].tolist() == every["recipient_id"].tolist()[:6]
    assert plan.expected.value == pytest.approx(every["p_within_3_weeks"].iloc[:6].sum())
    assert plan.expected.low <= plan.expected.value <= plan.expected.high
    assert plan.gain.value == pytest.approx(plan.expected.value - plan.by_mutual_connections.value)
    assert plan.gain.value >= 0
    assert f"{plan.expected.value:.1f}" in plan.sentences[0]
    assert "mutual connections alone" in plan.sentences[1]
    assert (plan.invitations["week"] == 1).all()
    pairs = plan.invitations[["sender_id", "recipient_id"]]
    expected = model.predict(TASK, pairs, at=MOMENT)["p_within_3_weeks"]
    assert plan.invitations["p_within_3_weeks"].tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_plan__several_senders__quota_caps_and_weeks_kept(staffed: Model) -> None:
    quota = 4
    plan = staffed.plan(TASK, sender_id=TEAM, k=20, at=MOMENT, weekly_quota=quota, per_company=3)
    rows = plan.invitations
    assert rows["recipient_id"].is_unique
    assert set(rows["recipient_id"]).isdisjoint(TEAM)
    known = past(staffed.network)
    recent = known[known["sent_at"] >= MOMENT - pd.Timedelta(days=7)]["sender_id"].value_counts()
    sent = rows.groupby(["sender_id", "week"]).size()
    for (sender, week), n in sent.items():
        assert n <= (max(quota - recent.get(sender, 0), 0) if week == 1 else quota)
        assert sent.get((sender, week - 1), quota) >= min(quota - recent.get(sender, 0), quota)
    assert (rows["send_from"] == MOMENT + pd.to_timedelta(7 * (rows["week"] - 1), unit="D")).all()
    first = rows.groupby("sender_id")["p_within_3_weeks"]
    assert (first.diff().dropna() <= 0).all()
    assert rows.sort_values(["sender_id", "rank"]).groupby("sender_id")["week"].diff().dropna().ge(0).all()
    opened = known[
        known["sender_id"].isin(TEAM)
        & (known["outcome"] == "pending")
        & (known["sent_at"] >= MOMENT - pd.Timedelta(days=21))
    ]
    company = staffed.network.table("contacts").drop_duplicates("contact_id").set_index("contact_id")
    asked = pd.concat((opened["recipient_id"], rows["recipient_id"])).map(company["company_id"])
    assert asked.value_counts().max() == 3
    assert rows["company_id"].isna().any()


def with_open_invitation(records: Network, days_ago: float, outcome: str = "pending") -> Network:
    """p02 asked p30 some days before, and this is how it stands."""
    invitations = records.table("invitations")
    invitations = invitations[(invitations["recipient_id"] != "p30") & (invitations["sender_id"] != "p30")]
    answered = pd.Series([MOMENT - pd.Timedelta(hours=1)]).where(pd.Series([outcome != "pending"]))
    row = invitations.iloc[[0]].reset_index(drop=True)
    row = row.assign(invitation_id="new", sender_id="p02", recipient_id="p30", outcome=outcome)
    row = row.assign(sent_at=MOMENT - pd.Timedelta(days=days_ago), responded_at=answered)
    connections = records.table("connections")
    apart = connections[~connections[["source_id", "target_id"]].isin(["p30"]).any(axis=1)]
    return records.with_tables(invitations=pd.concat((invitations, row)), connections=apart)


@pytest.mark.parametrize(
    ("days_ago", "outcome", "is_colleague", "per_recipient", "asked"),
    [
        (5, "pending", True, 1, False),
        (5, "pending", True, 2, True),
        (5, "pending", False, 1, True),
        (5, "declined", True, 1, True),
        (22, "pending", True, 1, True),
    ],
)
def test_plan__colleague_has_asked__again_only_within_the_cap(
    model: Model, days_ago: float, outcome: str, is_colleague: bool, per_recipient: int, asked: bool
) -> None:
    records = with_open_invitation(network(), days_ago, outcome)
    contacts = records.table("contacts")
    team = contacts.assign(is_own_team=(contacts["contact_id"] == "p02").astype("boolean") & is_colleague)
    plan = model.with_network(records.with_tables(contacts=team)).plan(
        TASK, sender_id="p01", k=60, at=MOMENT, per_recipient=per_recipient
    )
    assert ("p30" in set(plan.invitations["recipient_id"])) == asked


def test_plan__records_cut_at_the_moment__same_plan(staffed: Model) -> None:
    words = {"sender_id": TEAM, "k": 12, "at": MOMENT, "weekly_quota": 3, "per_company": 2}
    whole = staffed.plan(TASK, **words)
    cut = staffed.with_network(staffed.network.as_of(MOMENT)).plan(TASK, **words)
    pd.testing.assert_frame_equal(whole.invitations, cut.invitations)
    assert (whole.expected, whole.gain, whole.sentences) == (cut.expected, cut.gain, cut.sentences)


def test_plan__contact_first_seen_later__no_candidate(model: Model) -> None:
    contacts = network().table("contacts")
    newcomer = contacts.iloc[[0]].assign(contact_id="zoe", observed_at=at(160))
    records = network().with_tables(contacts=pd.concat((contacts, newcomer.astype(contacts.dtypes))))
    later = model.with_network(records)
    early, late = (later.plan(TASK, sender_id="p01", k=60, at=day).invitations for day in (MOMENT, at(170)))
    assert "zoe" not in set(early["recipient_id"])
    assert "zoe" in set(late["recipient_id"])


def test_plan__sender_over_its_quota__begins_in_the_second_week(model: Model) -> None:
    sent = network().table("invitations").sort_values(["sender_id", "sent_at"])
    close = sent.groupby("sender_id")["sent_at"].diff() < pd.Timedelta(days=6)
    second = sent[close & (sent["sent_at"] > at(140))].iloc[0]
    moment = second["sent_at"] + pd.Timedelta(hours=1)
    plan = model.plan(TASK, sender_id=second["sender_id"], k=2, at=moment, weekly_quota=1)
    assert plan.invitations["week"].tolist() == [2, 3]
    told = rf"{second['sender_id']} sent [2-9] in the seven days before: 0 of 1 left for the first week\."
    assert any(re.fullmatch(told, sentence) for sentence in plan.sentences)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"weekly_quota": 0}, "A weekly quota of 0 allows no invitation."),
        ({"suppress": [f"p{i:02d}" for i in range(40)]}, "Nobody is left to invite. Of 40 contacts"),
    ],
)
def test_plan__nothing_allowed__empty_with_its_reason(
    model: Model, words: dict[str, object], says: str
) -> None:
    plan = model.plan(TASK, sender_id="p01", at=MOMENT, **words)  # type: ignore[arg-type]
    full = model.plan(TASK, sender_id="p01", at=MOMENT)
    assert len(plan.invitations) == 0
    assert list(plan.invitations.columns) == list(full.invitations.columns)
    assert (plan.expected.value, plan.expected.low, plan.expected.high) == (0, 0, 0)
    assert [says in sentence for sentence in plan.sentences] == [True]


def test_plan__everyone_suppressed__counted_by_reason(model: Model) -> None:
    plan = model.plan(TASK, sender_id="p01", at=MOMENT, suppress=[f"p{i:02d}" for i in range(40)])
    assert plan.sentences[0].endswith("1 send or belong to the own team; 39 are suppressed.")


def test_plan__list_to_suppress__left_out_and_strangers_counted(model: Model, tmp_path: Path) -> None:
    before = model.plan(TASK, sender_id="p01", k=3, at=MOMENT).invitations["recipient_id"].tolist()
    (tmp_path / "leave.txt").write_text(f"{before[0]}\nx1\nx2\n")
    plan = model.plan(TASK, sender_id="p01", k=2, at=MOMENT, suppress=tmp_path / "leave.txt")
    assert plan.invitations["recipient_id"].tolist() == before[1:]
    assert any(s.startswith("2 of 3 ids to suppress were not in the records") for s in plan.sentences)
    assert any(s.endswith(": x1, x2.") for s in plan.sentences)


def test_plan__more_asked_than_there_are__says_how_many_and_why(model: Model) -> None:
    plan = model.plan(TASK, sender_id="p01", k=100, at=MOMENT)
    last = plan.sentences[-1]
    assert last.startswith(f"Only {len(plan.invitations)} of 100 were found. Of 40 contacts")
    assert "were invited before, asked themselves or are connected" in last
    assert f"{len(plan.invitations)} could be invited" in last


def test_plan__fewer_looked_at_than_there_are__those_with_most_mutual_connections_and_told(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"sender_id": TEAM, "k": 4, "at": MOMENT}
    every = model.plan(TASK, **{**words, "k": 100}, per_recipient=3).invitations
    assert not any("looked at" in sentence for sentence in model.plan(TASK, **words).sentences)
    monkeypatch.setattr("influence.planning.plan.MOST_PAIRS", 15)
    shared, given = model.plan(TASK, **words), model.plan(TASK, **words, max_candidates=5)
    pd.testing.assert_frame_equal(shared.invitations, given.invitations)
    assert any("the 5 with most mutual connections were looked at" in one for one in shared.sentences)
    fifth = every.groupby("sender_id")["mutual_connections"].nlargest(5).groupby("sender_id").min()
    looked_at = given.invitations["mutual_connections"] >= given.invitations["sender_id"].map(fifth)
    assert looked_at.all()


def test_plan__senders_some_at_a_time__same_plan_and_progress_told(
    staffed: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"sender_id": TEAM, "k": 12, "at": MOMENT, "weekly_quota": 5, "per_company": 2}
    at_once, heard = staffed.plan(TASK, **words), list[tuple[int, int]]()
    monkeypatch.setattr("influence.planning.plan.PAIRS_AT_ONCE", 1)
    one_by_one = staffed.plan(TASK, **words, progress=lambda what, done, total: heard.append((done, total)))
    pd.testing.assert_frame_equal(at_once.invitations, one_by_one.invitations)
    assert at_once.expected == one_by_one.expected
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_plan__many_had_sent_some__the_first_by_name_the_others_counted(model: Model) -> None:
    sent = past(model.network)
    recent = sent.loc[sent["sent_at"] >= MOMENT - pd.Timedelta(days=7), "sender_id"].value_counts()
    senders = [f"p{i:02d}" for i in range(20)]
    begun = [one for one in senders if recent.get(one, 0)]
    assert len(begun) > 6
    told = model.plan(TASK, sender_id=senders, k=3, at=MOMENT, weekly_quota=9).sentences
    named = [one for one in told if re.match(r"p\d\d sent", one)]
    assert [one[:3] for one in named] == begun[:5]
    n_left = sum(max(9 - recent[one], 0) for one in begun[5:])
    others = f"{len(begun) - 5}, with {n_left} of {9 * (len(begun) - 5)} left for the first week."
    assert any(one.startswith("Further senders") and one.endswith(others) for one in told)
    told = model.plan(TASK, sender_id=begun[:6], k=3, at=MOMENT, weekly_quota=9).sentences
    assert [one[:3] for one in told if re.match(r"p\d\d sent", one)] == begun[:6], "one alone is not counted"


def test_plan__before_the_records_begin__empty_with_its_reason(model: Model) -> None:
    dated = network().with_tables(connections=network().table("connections")[:0])
    plan = model.with_network(dated).plan(TASK, sender_id="p01", at=at(-5_000))
    assert len(plan.invitations) == 0
    assert plan.sentences == ("Nobody is left to invite. Of 0 contacts known by then: none.",)


def test_recommend__same_words__the_plan_with_its_sentences(model: Model) -> None:
    words = {"sender_id": TEAM, "k": 5, "at": MOMENT, "weekly_quota": 9, "suppress": ["p20"]}
    plan, found = model.plan(TASK, **words), model.recommend(TASK, **words)
    pd.testing.assert_frame_equal(found, plan.invitations, check_like=False)
    assert found.attrs["sentences"] == plan.sentences


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ({"sender_id": []}, ConfigError, "no sender"),
        ({"sender_id": ["p01", "p99"]}, DataError, "no contact 'p99'"),
        ({"sender_id": "p01", "per_company": 0}, ConfigError, "per_company is 0"),
        ({"sender_id": "p01", "suppress": "absent.txt"}, DataError, "There is no file 'absent.txt'"),
    ],
)
def test_plan__impossible_wish__told(
    model: Model, words: dict[str, object], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        model.plan(TASK, **words)  # type: ignore[arg-type]


def test_plan__records_that_end_long_before__says_that_silence_counts(model: Model) -> None:
    soon, late = (model.data_until + pd.Timedelta(days=days) for days in (20, 100))
    assert not any("counts as silence" in one for one in model.plan(TASK, sender_id="p01", at=soon).sentences)
    assert "100 days before the moment" in model.plan(TASK, sender_id="p01", at=late).sentences[-1]
    listed = model.recommend(TASK, sender_id="p01", at=late).attrs["sentences"]
    assert sum("100 days before the moment" in one for one in listed) == 1
