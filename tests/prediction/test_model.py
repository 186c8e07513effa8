"""The model as its users meet it: pairs in, answers out, and to the disk and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network
from tests.graph.worlds import at

import influence
from influence import bundle
from influence.errors import CheckpointError, ConfigError, DataError, InfluenceError
from influence.prediction import Model
from influence.prediction import acceptance as answering
from influence.tasks.acceptance import OUTPUT_COLUMNS

TASK = "acceptance"


def asked(n: int = 12) -> pd.DataFrame:
    """Invitations out of order, under an index of their own."""
    rows = network().table("invitations").sample(n, random_state=3)
    return rows[["sender_id", "recipient_id", "sent_at", "has_note"]].set_index(pd.Index(range(100, 100 + n)))


def test_predict__any_pairs__order_index_and_ids_kept(model: Model) -> None:
    pairs = asked().assign(other="ignored")
    found = model.predict(TASK, pairs)
    assert found.index.equals(pairs.index)
    assert (found[["sender_id", "recipient_id"]] == pairs[["sender_id", "recipient_id"]]).all(axis=None)
    assert set(OUTPUT_COLUMNS) <= set(found.columns)
    assert found[list(OUTPUT_COLUMNS)].notna().all(axis=None)


def test_predict__one_by_one__as_together(model: Model) -> None:
    pairs = asked()
    single = pd.concat([model.predict(TASK, pairs.iloc[i : i + 1]) for i in range(4)])
    together = model.predict(TASK, pairs).iloc[:4]
    np.testing.assert_allclose(single[list(OUTPUT_COLUMNS)], together[list(OUTPUT_COLUMNS)], atol=1e-5)


def test_predict__many_pairs_of_one_moment__as_query_by_query(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = asked(40).drop(columns="sent_at")
    pairs.iloc[7, 0] = "never met"
    expected = model.predict(TASK, pairs, at(150))
    monkeypatch.setattr(answering, "MANY_PAIRS", 1)
    monkeypatch.setattr(answering, "CHUNK", 16)
    found = model.predict(TASK, pairs, at(150))
    assert found.columns.equals(expected.columns) and found.index.equals(expected.index)
    for name in found.columns:
        if name in OUTPUT_COLUMNS:
            precision = 1e-6 if name.startswith("p_") else 1e-4
            np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=precision)
        else:
            assert found[name].equals(expected[name])
    assert found["is_cold_sender"].sum() == 1
    # Another moment, and moments that differ, are answered from what was known then.
    later = model.predict(TASK, pairs, at(160))
    assert np.abs(later["p_within_3_weeks"] - found["p_within_3_weeks"]).max() > 1e-4
    own = model.predict(TASK, asked(40))
    monkeypatch.setattr(answering, "MANY_PAIRS", 2048)
    np.testing.assert_array_equal(own["p_at_once"], model.predict(TASK, asked(40))["p_at_once"])


def test_warm_up__few_pairs__the_same_chances_from_what_is_kept(model: Model) -> None:
    pairs = asked(12).drop(columns="sent_at")
    expected, other = model.predict(TASK, pairs, at(150)), model.predict(TASK, pairs, at(160))
    warm = model.with_network(model.network)
    warm.warm_up(at(150))
    kept = warm.acceptance_face._warm
    assert kept is not None and not kept.states.known.any()
    for i in range(0, 12, 3):
        found = warm.predict(TASK, pairs.iloc[i : i + 3], at(150))
        np.testing.assert_allclose(
            found["p_within_3_weeks"], expected["p_within_3_weeks"][i : i + 3], atol=1e-6
        )
    assert kept.states.known.any()
    pd.testing.assert_frame_equal(warm.predict(TASK, pairs, at(160)), other)
    assert len(warm.predict(TASK, pairs[:0], at(150))) == 0


def test_predict__in_small_chunks__as_at_once(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = model.predict(TASK, asked())
    monkeypatch.setattr(answering, "CHUNK", 5)
    np.testing.assert_allclose(
        model.predict(TASK, asked())[list(OUTPUT_COLUMNS)], expected[list(OUTPUT_COLUMNS)], atol=1e-5
    )


def test_predict__strangers__keep_their_rows_and_are_marked(model: Model) -> None:
    pairs = pd.DataFrame({"sender_id": ["p01", "new", 7], "recipient_id": ["never", "p02", "p03"]})
    found = model.predict(TASK, pairs, at=at(150))
    assert found["is_cold_sender"].tolist() == [False, True, True]
    assert found["is_cold_recipient"].tolist() == [True, False, False]
    assert found["p_within_3_weeks"].between(0, 1).all()


def test_predict__no_pairs__no_answers(model: Model) -> None:
    found = model.predict(TASK, asked()[:0])
    assert len(found) == 0
    assert set(OUTPUT_COLUMNS) <= set(found.columns)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: p.drop(columns="recipient_id"), "lack recipient_id"),
        (lambda p: p.assign(sender_id=[None, *p["sender_id"][1:]]), r"lack an id in 1 row \(1\)"),
        (lambda p: p.assign(sent_at=p["sent_at"].mask(p.index == 102)), r"lack sent_at in 1 row \(3\)"),
        (lambda p: p.to_dict("list"), "rows are a dict. Give a table: pd.DataFrame.*'sender_id'"),
        (
            lambda p: p.assign(sent_at="soon"),
            r"not a time in 12 rows \(1, 2, [^.]*, \.\.\.\): [^.]*soon[^.]*\. Write it as 2026",
        ),
        (lambda p: p.assign(sent_at=1_767_225_600), "sent_at is a number, 1767225600.*2026-01-31T08:00:00Z"),
        (lambda p: p.assign(sent_at=pd.Series([45_000.5] * len(p), p.index, object)), "is a number, 45000.5"),
        (lambda p: p.assign(has_note="yes"), "has_note is 'yes', neither true nor false, in 12 rows"),
        (lambda p: p.assign(has_note=[True, 2] + [False] * 10), r"has_note is 2, neither .* in 1 row \(2\)"),
        (lambda p: p.assign(has_note=[1, 2] + [0] * 10), r"has_note is 2, neither .* in 1 row \(2\)"),
    ],
)
def test_predict__pairs_at_fault__told_with_rows(
    model: Model, spoil: Callable[[pd.DataFrame], pd.DataFrame], says: str
) -> None:
    with pytest.raises(DataError, match=says):
        model.predict(TASK, spoil(asked()))


@pytest.mark.parametrize("moment", [2026, 1_767_225_600.0])
def test_predict__moment_is_a_number__not_taken_for_nanoseconds(model: Model, moment: Any) -> None:
    with pytest.raises(ConfigError, match=f"{moment} is not a time"):
        model.predict(TASK, asked().drop(columns="sent_at"), at=moment)


@pytest.mark.parametrize("ask", ["plan", "candidates"])
def test_model__argument_misspelt__nearest_named(model: Model, ask: str) -> None:
    with pytest.raises(ConfigError, match=f"{ask} does not heed `senders`. Did you mean `sender_id`"):
        getattr(model, ask)(TASK, senders="p01")


def test_recommend__sender_is_a_number__told_as_an_unknown_contact(model: Model) -> None:
    with pytest.raises(DataError, match="no contact '5'"):
        model.recommend(TASK, sender_id=5)


def test_fit__settings_as_a_mapping__misspelt_key_answered() -> None:
    with pytest.raises(ConfigError, match=r"unknown key 'seed'. Did you mean 'seeds'"):
        influence.fit(network(), {"seed": [0]})


def test_predict__unknown_task__nearest_named(model: Model) -> None:
    with pytest.raises(ConfigError, match="acceptance"):
        model.predict("acceptanse", asked())


def test_recommend__any_sender__nobody_out_of_reach_and_best_first(model: Model) -> None:
    moment = at(150)
    found = model.recommend(TASK, sender_id="p01", k=50, at=moment)
    past = network().as_of(moment)
    invited = past.table("invitations").query("sender_id == 'p01'")["recipient_id"]
    ties = past.table("connections")
    ties = ties[ties["removed_at"].isna()]
    tied = set(ties.query("source_id == 'p01'")["target_id"]) | set(
        ties.query("target_id == 'p01'")["source_id"]
    )
    assert set(found["recipient_id"]).isdisjoint({"p01", *invited, *tied})
    assert len(found) > 3
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert found["p_within_3_weeks"].is_monotonic_decreasing


def test_recommend__own_team__left_out(model: Model) -> None:
    full = model.recommend(TASK, sender_id="p01", at=at(150))
    contacts = network().table("contacts")
    mate = full["recipient_id"].iloc[0]
    team = contacts.assign(is_own_team=(contacts["contact_id"] == mate).astype("boolean"))
    found = model.with_network(network().with_tables(contacts=team)).recommend(
        TASK, sender_id="p01", at=at(150)
    )
    assert mate not in set(found["recipient_id"])
    assert len(found) == min(20, len(full)) or len(found) == len(full) - 1


@pytest.mark.parametrize(
    ("words", "says"),
    [({}, "sender_id"), ({"sender_id": "p99"}, "p99"), ({"sender_id": "p01", "k": 0}, "k is 0")],
)
def test_recommend__impossible_wish__told(model: Model, words: dict[str, object], says: str) -> None:
    with pytest.raises(InfluenceError, match=says):
        model.recommend(TASK, **words)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "model"
    model.save(folder)
    return folder


def copied(stored: Path, tmp_path: Path) -> Path:
    for path in stored.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(stored)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


def test_load__saved__identical_predictions(model: Model, stored: Path) -> None:
    loaded = Model.load(stored)
    pd.testing.assert_frame_equal(loaded.predict(TASK, asked()), model.predict(TASK, asked()))
    assert loaded.trained_until == model.trained_until
    assert loaded.config == model.config


@pytest.mark.parametrize(
    ("name", "other"),
    [("schema_version", 99), ("pair_columns", ["sender.shoe_size"]), ("seniority", None)],
)
def test_load__another_vocabulary__difference_named(
    stored: Path, tmp_path: Path, name: str, other: object
) -> None:
    folder = copied(stored, tmp_path)
    card = json.loads((folder / "model.json").read_text())
    card["vocabulary"][name] = other
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError, match=name) as caught:
        Model.load(folder)
    if isinstance(other, list):
        assert "shoe_size" in str(caught.value)


@pytest.mark.parametrize("key", ["vocabulary", "config", "heads", "trained_until"])
def test_load__card_lacks_a_part__refused(stored: Path, tmp_path: Path, key: str) -> None:
    folder = copied(stored, tmp_path)
    card = json.loads((folder / "model.json").read_text())
    del card[key]
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError, match=key):
        Model.load(folder)


@pytest.mark.parametrize("pattern", ["history.safetensors", "member-0.safetensors", "accept.txt", "records"])
@pytest.mark.parametrize("is_cut", [True, False])
def test_load__file_missing_or_cut__refused(stored: Path, tmp_path: Path, pattern: str, is_cut: bool) -> None:
    folder = copied(stored, tmp_path)
    for path in list(folder.rglob(pattern)):
        for file in [path] if path.is_file() else list(path.iterdir()):
            content = file.read_bytes()
            file.unlink()
            if is_cut:
                file.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=str(folder)):
        Model.load(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_load__no_card__refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(CheckpointError):
        Model.load(tmp_path)
    with pytest.raises(CheckpointError, match="nowhere"):
        Model.load(tmp_path / "nowhere")


def test_save__place_taken_by_other_files__refused_and_left_alone(model: Model, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").write_text("years of work")
    for place in (tmp_path / "folder", tmp_path / "folder" / "thesis.txt"):
        with pytest.raises(ConfigError, match=place.name):
            model.save(place)
    assert (tmp_path / "folder" / "thesis.txt").read_text() == "years of work"


def test_save__fails_midway__earlier_model_stays_and_nothing_else(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "model")
    before = sorted(tmp_path.rglob("*"))

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(bundle, "write_tables", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(tmp_path / "model")
    assert sorted(tmp_path.rglob("*")) == before
    Model.load(tmp_path / "model")


def test_save__contacts_observed_after_they_were_invited__can_be_loaded(model: Model, tmp_path: Path) -> None:
    contacts = network().table("contacts").drop_duplicates("contact_id")
    late = network().with_tables(contacts=contacts.assign(observed_at=at(140)))
    model.with_network(late.as_of(at(130))).save(tmp_path / "model")
    Model.load(tmp_path / "model")


def test_model__asked_what_it_was_not_trained_for__config_error_names_the_remedy(model: Model) -> None:
    bare = Model(model.network, model.config, {}, model.trained_until)
    assert bare.tasks == () and model.tasks == ("acceptance",)
    for ask in (lambda: bare.predict(TASK, asked()), lambda: bare.acceptance, lambda: bare.plan(TASK)):
        with pytest.raises(ConfigError, match=r"not trained|--set 'tasks=\[acceptance\]'"):
            ask()


def test_recommend__something_the_task_does_not_heed__config_error_names_the_nearest(model: Model) -> None:
    with pytest.raises(ConfigError, match=r"does not heed `weekly_quotas`\. Did you mean `weekly_quota`"):
        model.recommend(TASK, sender_id="p01", weekly_quotas=3)
