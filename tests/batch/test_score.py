"""Batch scoring: the same numbers as the model gives, in order, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from influence import batch
from influence.batch import files, scoring
from influence.errors import ConfigError, DataError, InfluenceError


class Lengths:
    """A model whose answers follow from the ids, so that a swapped row shows."""

    def __init__(self, fail_at: str | None = None) -> None:
        self.fail_at = fail_at
        self.largest_chunk = 0
        self.asked_at: object = None

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        assert task == "acceptance"
        self.asked_at = at
        self.largest_chunk = max(self.largest_chunk, len(pairs))
        if self.fail_at in set(pairs["sender_id"]):
            raise DataError("a bad row")
        number = pairs["sender_id"].str.removeprefix("s").astype(float)
        p = 1 / (1 + number + pairs["recipient_id"].str.len())
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=p, is_cold=number % 2 == 0)


class Talker(Lengths):
    """A model that gives reasons, too."""

    def explain(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        told = self.predict(task, pairs, at)
        return told[["sender_id", "recipient_id"]].assign(reasons="since " + pairs["sender_id"])


def pairs(n_rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "sender_id": [f"s{number}" for number in rng.permutation(n_rows)],
            "recipient_id": ["r" * length for length in rng.integers(1, 9, n_rows)],
            "campaign": rng.integers(0, 5, n_rows),
        }
    )


def save(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_parquet(path, index=False) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


def load(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, keep_default_na=False)


@pytest.mark.parametrize("ending_in", [".parquet", ".csv"])
@pytest.mark.parametrize("ending_out", [".parquet", ".csv"])
def test_score__many_chunks__same_numbers_and_order_as_predict(
    tmp_path: Path, ending_in: str, ending_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CSV_BLOCK_BYTES", 400)
    frame = pairs(107)
    model = Lengths()
    n_rows = batch.score(
        model,
        save(frame, tmp_path / f"in{ending_in}"),
        tmp_path / f"out{ending_out}",
        at="2024-01-01",
        chunk_rows=10,
    )
    scored = load(tmp_path / f"out{ending_out}")
    expected = Lengths().predict("acceptance", frame)
    assert n_rows == 107
    assert 1 < model.largest_chunk < 60
    assert model.asked_at == "2024-01-01"
    assert list(scored.columns) == ["sender_id", "recipient_id", "campaign", "p_within_3_weeks", "is_cold"]
    assert scored["sender_id"].tolist() == frame["sender_id"].tolist()
    assert scored["campaign"].astype(int).tolist() == frame["campaign"].tolist()
    np.testing.assert_array_equal(scored["p_within_3_weeks"], expected["p_within_3_weeks"])


def test_score__ids_that_look_like_numbers_or_na__kept_as_written(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("\ufeffrecipient_id,sender_id\n007,s1\nNA,s2\n1e5,s3\n", encoding="utf-8")
    batch.score(Lengths(), source, tmp_path / "out.csv")
    scored = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert scored["recipient_id"].tolist() == ["007", "NA", "1e5"]
    assert scored["p_within_3_weeks"].astype(float).tolist() == [1 / 5, 1 / 5, 1 / 7]
    assert scored["is_cold"].tolist() == ["false", "true", "false"]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_score__progress__ends_with_everything_done(tmp_path: Path, ending: str) -> None:
    seen: list[tuple[str, int, int]] = []
    source = save(pairs(30), tmp_path / f"in{ending}")
    batch.score(Lengths(), source, tmp_path / "out.csv", progress=lambda *s: seen.append(s), chunk_rows=7)
    assert seen[-1][1] == seen[-1][2] > 0
    assert seen == sorted(seen)


def test_score__failure_in_a_late_chunk__leaves_the_old_output_untouched(tmp_path: Path) -> None:
    source = save(pairs(50), tmp_path / "in.parquet")
    target = tmp_path / "out.parquet"
    target.write_text("yesterday's")
    last = pairs(50)["sender_id"].iloc[-1]
    with pytest.raises(DataError, match="a bad row"):
        batch.score(Lengths(fail_at=last), source, target, chunk_rows=10)
    assert target.read_text() == "yesterday's"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read"),
        ("sender_id,recipient_id\n", "holds no rows"),
        (
            "sender;recipient_id\na;b\n",
            "lacks the columns sender_id and recipient_id. Found: sender;rec",
        ),
        ("sender_id,recipient_id,sender_id\na,b,c\n", "sender_id more than once"),
        ("sender_id,recipient_id\ns1,b\n,c\n  ,d\n", r"sender_id is empty in 2 rows \(2, 3\)"),
        ("sender_id,recipient_id\ns1,b\ns2\n", "cannot be read: .*row 2: Expected 2 columns, got 1"),
        (f"sender_id,recipient_id\ns1,{'b' * (10 << 20)}\n", "cannot be read"),
    ],
    ids=["empty", "header_only", "other_delimiter", "column_twice", "empty_ids", "short_row", "huge_cell"],
)
def test_score__bad_csv__says_what_and_writes_nothing(tmp_path: Path, text: str, sentence: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text(text)
    with pytest.raises(InfluenceError, match=sentence):
        batch.score(Lengths(), source, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_score__not_utf8__says_so(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("sender_id,recipient_id\ns1,Müller\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"UTF-?8"):
        batch.score(Lengths(), tmp_path / "in.csv", tmp_path / "out.csv")


def test_score__truncated_parquet__data_error(tmp_path: Path) -> None:
    source = save(pairs(50), tmp_path / "in.parquet")
    source.write_bytes(source.read_bytes()[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        batch.score(Lengths(), source, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_score__empty_id_in_a_late_chunk__row_counted_from_the_start(tmp_path: Path) -> None:
    frame = pairs(25)
    frame.loc[22, "recipient_id"] = None
    with pytest.raises(DataError, match=r"recipient_id is empty in 1 row \(23\)"):
        batch.score(Lengths(), save(frame, tmp_path / "in.parquet"), tmp_path / "out.parquet", chunk_rows=10)


@pytest.mark.parametrize(
    ("column", "cell", "at", "sentence"),
    [
        ("sent_at", None, None, r"The pairs lack sent_at in 1 row \(25\)"),
        ("sent_at", "soon", "2026-01-01", r"sent_at is not a time in 1 row \(25\)"),
        ("has_note", "perhaps", None, r"has_note is 'perhaps', neither .* in 1 row \(25\)"),
    ],
)
def test_score__moment_or_note_at_fault_in_the_last_row__told_before_the_model_is_asked(
    tmp_path: Path, column: str, cell: str | None, at: str | None, sentence: str
) -> None:
    frame, model = pairs(25), Lengths()
    frame["sent_at"], frame["has_note"] = "2025-05-01", "true"
    frame.loc[24, column] = cell
    for ending in (".parquet", ".csv"):
        source = save(frame, tmp_path / f"in{ending}")
        with pytest.raises(DataError, match=rf"in{ending}: .*{sentence}"):
            batch.score(model, source, tmp_path / "out.parquet", at=at, chunk_rows=10)
    assert model.largest_chunk == 0


def test_score__note_left_empty_in_csv__not_known(tmp_path: Path) -> None:
    frame = pairs(3).assign(has_note=["True", "", "false"])
    assert batch.score(Lengths(), save(frame, tmp_path / "in.csv"), tmp_path / "out.csv") == 3


def test_score__empty_id_in_the_last_row__told_before_the_model_is_asked(tmp_path: Path) -> None:
    frame, model = pairs(25), Lengths()
    frame.loc[24, "sender_id"] = ""
    for ending in (".parquet", ".csv"):
        source = save(frame, tmp_path / f"in{ending}")
        with pytest.raises(DataError, match=rf"in{ending}: sender_id is empty in 1 row \(25\)"):
            batch.score(model, source, tmp_path / "out.parquet", chunk_rows=10)
    assert model.largest_chunk == 0


def test_score__several_files_with_an_empty_id__the_file_and_its_row(tmp_path: Path) -> None:
    folder, gap = tmp_path / "in", pairs(9)
    folder.mkdir()
    gap.loc[4, "sender_id"] = None
    save(pairs(9), folder / "a.parquet")
    save(gap, folder / "b.parquet")
    with pytest.raises(DataError, match=r"b.parquet: sender_id is empty in 1 row \(5\)"):
        batch.score(Lengths(), folder, tmp_path / "out.parquet")


def test_score__columns_of_kinds_that_pandas_knows_no_name_of__passed_through_and_read_back(
    tmp_path: Path,
) -> None:
    columns = {
        "segment": pa.array(["a", "b", "a"]).dictionary_encode(),
        "via": pa.array([["x"], ["y", "z"], None]),
        "address": pa.array([{"city": "Lyon"}, {"city": "Turin"}, None]),
    }
    table = pa.table({"sender_id": ["s1", "s2", "s3"], "recipient_id": ["r"] * 3, **columns})
    pq.write_table(table, tmp_path / "in.parquet")
    batch.score(Lengths(), tmp_path / "in.parquet", tmp_path / "out.parquet")
    scored = pq.read_schema(tmp_path / "out.parquet")
    assert [scored.field(name).type for name in columns] == [cells.type for cells in columns.values()]
    read = pd.read_parquet(tmp_path / "out.parquet")
    assert read["segment"].tolist() == ["a", "b", "a"]
    assert list(read["via"][1]) == ["y", "z"]


def test_score__impossible_paths__refused_before_the_model_is_asked(tmp_path: Path) -> None:
    source = save(pairs(5), tmp_path / "in.csv")
    model = Lengths()
    for bad_source, bad_target, kind in (
        (source, tmp_path / "out.xlsx", ConfigError),
        (tmp_path / "absent.csv", tmp_path / "out.csv", DataError),
        (source, source, ConfigError),
        (source, source / "out.csv", ConfigError),
    ):
        with pytest.raises(kind):
            batch.score(model, bad_source, bad_target)
    assert model.largest_chunk == 0


def test_score__column_without_values_in_the_first_chunk__taken_as_text(tmp_path: Path) -> None:
    frame = pairs(20).assign(remark=[None] * 10 + ["late"] * 10)
    batch.score(Lengths(), save(frame, tmp_path / "in.parquet"), tmp_path / "out.parquet", chunk_rows=10)
    assert pd.read_parquet(tmp_path / "out.parquet")["remark"].tolist()[-1] == "late"


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_score__explained__reasons_beside_the_same_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(scoring, "EXPLAINED_ROWS", 7)
    seen: list[tuple[str, int, int]] = []
    model = Talker()
    source, frame = save(pairs(50), tmp_path / f"in{ending}"), pairs(50)
    n_rows = batch.score(
        model, source, tmp_path / "out.csv", explain=True, progress=lambda *s: seen.append(s)
    )
    scored = load(tmp_path / "out.csv")
    assert n_rows == 50
    assert model.largest_chunk == 7
    assert scored["reasons"].tolist() == ("since " + frame["sender_id"]).tolist()
    np.testing.assert_allclose(
        scored["p_within_3_weeks"], Lengths().predict("acceptance", frame)["p_within_3_weeks"]
    )
    assert seen == sorted(seen)
    assert [done for _, done, _ in seen] == [0, 7, 14, 21, 28, 35, 42, 49, 50]
    assert seen[-1][1] == seen[-1][2]


def test_score__explained_row_at_fault__counted_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "EXPLAINED_ROWS", 7)
    frame = pairs(25)
    frame.loc[22, "recipient_id"] = None
    with pytest.raises(DataError, match=r"recipient_id is empty in 1 row \(23\)"):
        batch.score(Talker(), save(frame, tmp_path / "in.parquet"), tmp_path / "out.csv", explain=True)
    assert not (tmp_path / "out.csv").exists()


def test_score__model_without_reasons__refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gives no reasons"):
        batch.score(Lengths(), save(pairs(5), tmp_path / "in.csv"), tmp_path / "out.csv", explain=True)
    assert not (tmp_path / "out.csv").exists()


def test_score__output_scored_again__fresh_numbers_take_the_place_of_the_old(tmp_path: Path) -> None:
    stale = pairs(9).assign(p_within_3_weeks=-1.0)
    batch.score(Lengths(), save(stale, tmp_path / "in.parquet"), tmp_path / "out.parquet")
    scored = pd.read_parquet(tmp_path / "out.parquet")
    assert (scored["p_within_3_weeks"] > 0).all()
    assert list(scored.columns) == ["sender_id", "recipient_id", "campaign", "p_within_3_weeks", "is_cold"]


def test_score__formulas_among_the_ids__defused_in_csv_and_read_back(tmp_path: Path) -> None:
    frame = pairs(3).assign(recipient_id=["=1+1", "@x", "'-y"], campaign=["-5", "+2.5", "=0"])
    source = save(frame, tmp_path / "in.parquet")
    batch.score(Lengths(), source, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == ['"\'=1+1"', '"\'@x"', "\"''-y\""]
    assert [line.split(",")[2] for line in lines] == ['"-5"', '"+2.5"', '"\'=0"']
    batch.score(Lengths(), tmp_path / "out.csv", tmp_path / "again.parquet")
    assert load(tmp_path / "again.parquet")["recipient_id"].tolist() == frame["recipient_id"].tolist()
