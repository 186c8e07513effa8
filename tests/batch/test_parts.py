"""Scores in a folder of parts: resumed after any interruption, refused where it is not the same run."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from influence import batch
from influence.batch import parts
from influence.errors import ConfigError, DataError, InfluenceError

AT = "2024-01-01"


class Numbers:
    """A model whose answers follow from the ids; it may stop after so many rows."""

    def __init__(self, version: str = "v1", stop_after: int | None = None, until: str = "2024-01-01") -> None:
        self.version, self.fingerprint = version, f"{version} {until}"
        self.data_until = pd.Timestamp(until, tz="UTC")
        self.stop_after, self.asked = stop_after, list[int]()

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        self.asked.append(len(pairs))
        if self.stop_after is not None and sum(self.asked) > self.stop_after:
            raise KeyboardInterrupt
        number = pairs["sender_id"].str.removeprefix("s").astype("float64")
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=1 / (1 + number))

    def explain(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        return pairs[["sender_id", "recipient_id"]].assign(reasons="since " + pairs["sender_id"])


class Marking(Numbers):
    """One that leaves some people alone."""

    alone = frozenset({"r3"})

    def left_alone(self) -> frozenset[str]:
        return self.alone

    def mark_suppressed(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(suppressed=rows["recipient_id"].isin(self.alone))


def pairs(n_rows: int) -> pd.DataFrame:
    number = np.random.default_rng(7).permutation(n_rows)
    return pd.DataFrame(
        {
            "sender_id": [f"s{each}" for each in number],
            "recipient_id": [f"r{each % 5}" for each in number],
            "campaign": pd.Series(number, dtype="Int64").mask(number % 3 == 0),
        }
    )


def save(rows: pd.DataFrame, path: Path, **options: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    rows.to_parquet(path, index=False, **options) if path.suffix == ".parquet" else rows.to_csv(
        path, index=False
    )
    return path


def run(source: Path | str, target: Path | str, model: Numbers | None = None, **asked: Any) -> int:
    options = {"at": AT, "chunk_rows": 4, "partition_rows": 10, **asked}
    return batch.score(model or Numbers(), source, target, **options)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "_manifest.json").read_text("utf-8")))


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_score__folder__parts_and_a_manifest_that_agree_with_predict(tmp_path: Path, ending: str) -> None:
    asked, model, out = pairs(37), Numbers(), tmp_path / "scores"
    assert run(save(asked, tmp_path / f"in{ending}"), out, model) == 37
    assert model.asked == [4, 4, 2] * 3 + [4, 3]
    names = [f"part-{number:05d}.parquet" for number in range(4)]
    assert sorted(contents(out)) == ["_manifest.json", *names]
    assert [pq.read_metadata(out / name).num_rows for name in names] == [10, 10, 10, 7]
    scored = pd.read_parquet(out)
    assert scored["sender_id"].tolist() == asked["sender_id"].tolist()
    expected = Numbers().predict("acceptance", asked)["p_within_3_weeks"]
    np.testing.assert_array_equal(scored["p_within_3_weeks"], expected)
    assert list(scored.columns[-2:]) == ["model_version", "data_until"]
    assert set(scored["model_version"]) == {"v1"}
    assert set(scored["data_until"]) == {pd.Timestamp("2024-01-01", tz="UTC")}
    told = manifest(out)
    assert (told["finished"], told["rows"], told["input"]["name"]) == (True, 37, f"in{ending}")
    assert [part["rows"] for part in told["parts"]] == [10, 10, 10, 7]
    assert {part["file"]: part["sha256"] for part in told["parts"]} == {
        name: digest for name, digest in contents(out).items() if name != "_manifest.json"
    }
    [(n_rows, n_senders)] = duckdb.sql(
        f"select count(*), count(distinct sender_id) from '{out}/*.parquet'"
    ).fetchall()
    assert (n_rows, n_senders) == (37, 37)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("stops", [[0], [3], [25], [36], [5, 1, 13]])
def test_score__interrupted__goes_on_to_the_same_bytes(tmp_path: Path, ending: str, stops: list[int]) -> None:
    source = save(
        pairs(37), tmp_path / f"in{ending}", **({"row_group_size": 6} if ending == ".parquet" else {})
    )
    run(source, tmp_path / "undisturbed")
    done = 0
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            run(source, tmp_path / "out", Numbers(stop_after=stop))
        assert not manifest(tmp_path / "out")["finished"]
        done = manifest(tmp_path / "out")["rows"]
    model = Numbers()
    assert run(source, tmp_path / "out", model) == 37
    assert sum(model.asked) == 37 - done
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_score__finished_folder__recognised_without_asking_the_model(tmp_path: Path) -> None:
    source = save(pairs(23), tmp_path / "in.parquet")
    run(source, tmp_path / "out")
    before, model, heard = contents(tmp_path / "out"), Numbers(), list[tuple[Any, ...]]()
    assert run(source, tmp_path / "out", model, progress=lambda *told: heard.append(told)) == 23
    assert (model.asked, heard) == ([], [("scoring", 23, 23)])
    assert contents(tmp_path / "out") == before


def test_score__killed_between_part_and_manifest__nothing_twice(tmp_path: Path) -> None:
    source = save(pairs(37), tmp_path / "in.parquet")
    run(source, tmp_path / "out")
    told, whole = manifest(tmp_path / "out"), contents(tmp_path / "out")
    (tmp_path / "out" / "part-00003.parquet").unlink()
    told |= {"finished": False, "rows": 20, "parts": told["parts"][:2]}
    (tmp_path / "out" / "_manifest.json").write_text(json.dumps(told))
    (tmp_path / "out" / ".part-00002-0123abcd.new").write_bytes(b"half")
    (tmp_path / "out" / "._manifest-0123abcd.json").write_bytes(b"half")
    assert run(source, tmp_path / "out") == 37
    assert contents(tmp_path / "out") == whole


def test_score__a_part_with_fewer_rows_since_somebody_was_forgotten__goes_on_after_its_input(
    tmp_path: Path,
) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(source, out, Numbers(stop_after=25))
    first, new = min(out.glob("*.parquet")), tmp_path / "new.parquet"
    pq.write_table(pq.read_table(first).slice(1), new)
    parts.tell_altered(first, new)
    new.replace(first)
    assert [part["rows"] for part in manifest(out)["parts"]] == [9, 10]
    model = Numbers()
    assert run(source, out, model) == 36, "the rows that are there"
    assert sum(model.asked) == 17
    assert pd.read_parquet(out)["sender_id"].tolist() == pairs(37)["sender_id"].tolist()[1:]
    assert (manifest(out)["rows"], run(source, out)) == (36, 36)


def other_input(folder: Path) -> dict[str, Any]:
    save(pairs(37).assign(recipient_id="r1"), folder / "in.parquet")
    return {}


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (other_input, "of another input: sha256 was .*, now|of another input: bytes was"),
        (lambda _: {"model": Numbers("v2")}, "of another model: version was v1, now v2"),
        (lambda _: {"model": Numbers(until="2024-02-02")}, "of another model: data_until was"),
        (lambda _: {"model": Marking()}, "of another model: left_alone was none"),
        (lambda _: {"at": "2024-01-02"}, "of another request: at was 2024-01-01T00:00:00"),
        (lambda _: {"explain": True}, "of another request: explain was False, now True"),
        (lambda _: {"partition_rows": 11}, "of another request: partition_rows was 10, now 11"),
    ],
    ids=["input", "model", "records", "list", "at", "explain", "partition_rows"],
)
def test_score__folder_of_another_run__refused_and_left_as_it_is(
    tmp_path: Path, change: Callable[[Path], dict[str, Any]], sentence: str, finished: bool
) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"
    if finished:
        run(source, out)
    else:
        with pytest.raises(KeyboardInterrupt):
            run(source, out, Numbers(stop_after=25))
    before = contents(out)
    with pytest.raises(ConfigError, match=sentence) as refused:
        run(source, out, **change(tmp_path))
    assert "Go on with what it was begun with, or name a new folder." in str(refused.value)
    assert contents(out) == before


def test_score__same_moment_and_moved_input__the_same_run(tmp_path: Path) -> None:
    source = save(pairs(37), tmp_path / "in.parquet")
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "out", Numbers(stop_after=25))
    moved = source.rename(tmp_path / "moved.parquet")
    assert run(moved, tmp_path / "out", at="2024-01-01T01:00:00+01:00") == 37


def test_score__folder_that_holds_something_else__refused(tmp_path: Path) -> None:
    source, out = save(pairs(12), tmp_path / "in.parquet"), tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds notes\.txt, which this run has not written"):
        run(source, out)
    assert sorted(path.name for path in out.iterdir()) == ["notes.txt"]
    (out / "notes.txt").unlink()
    run(source, out)
    for name in ("part-00002.parquet", "extra.parquet"):
        shutil.copy(out / "part-00000.parquet", out / name)
        with pytest.raises(ConfigError, match=f"holds {name}, which this run has not written"):
            run(source, out)
        (out / name).unlink()
    (out / "_SUCCESS").touch()
    assert run(source, out) == 12
    (out / "_manifest.json").write_text('{"format": 99}')
    with pytest.raises(ConfigError, match=r"no manifest that can be read here \(format 99\)"):
        run(source, out)


@pytest.mark.parametrize("what", ["gone", "altered", "empty"])
def test_score__finished_part_not_as_it_was__refused(tmp_path: Path, what: str) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(source, out, Numbers(stop_after=25))
    part = out / "part-00001.parquet"
    content = part.read_bytes()
    part.unlink()
    if what != "gone":
        part.write_bytes(b"" if what == "empty" else content[:-9] + b"x" + content[-8:])
    with pytest.raises(DataError, match=r"part-00001\.parquet is gone or was altered"):
        run(source, out)
    part.write_bytes(content)
    assert run(source, out) == 37


def test_score__two_runs_into_one_folder__the_later_one_refused(tmp_path: Path) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"

    class Nested(Numbers):
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            if not self.asked:
                with pytest.raises(ConfigError, match="Another run writes into"):
                    run(source, out)
            return super().predict(task, pairs, at)

    assert run(source, out, Nested()) == 37
    assert manifest(out)["finished"]


def test_score__input_altered_while_read__not_finished(tmp_path: Path) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"

    class Altering(Numbers):
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            if len(self.asked) == 5:
                shutil.copy(source, source.with_suffix(".copy"))
                source.with_suffix(".copy").replace(source)
            return super().predict(task, pairs, at)

    for target in (out, tmp_path / "out.parquet"):
        with pytest.raises(DataError, match="was altered while it was read"):
            run(source, target, Altering())
    assert not (tmp_path / "out.parquet").exists()
    assert manifest(out)["rows"] == 20, "nothing is read from what was altered"
    assert not manifest(out)["finished"]


@pytest.mark.parametrize("new", [pairs(37).drop(columns="campaign"), pairs(9), None])
def test_score__file_of_the_input_replaced_or_gone__told_as_altered(
    tmp_path: Path, new: pd.DataFrame | None
) -> None:
    folder = tmp_path / "in"
    later = [save(pairs(37), folder / f"{name}.parquet") for name in "ab"][1]

    class Altering(Numbers):
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            if not self.asked:
                later.unlink() if new is None else save(new, later)
            return super().predict(task, pairs, at)

    with pytest.raises(DataError, match="was altered while it was read"):
        run(folder, tmp_path / "out", Altering(), partition_rows=37)


@pytest.mark.parametrize("name", ["0.parquet", "z.parquet", "note.txt"])
def test_score__file_added_to_the_input__told_as_altered(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    save(pairs(37), folder / "a.parquet")

    class Adding(Numbers):
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            shutil.copy(folder / "a.parquet", folder / name)
            return super().predict(task, pairs, at)

    with pytest.raises(DataError, match="was altered while it was read"):
        run(folder, tmp_path / "out", Adding())
    assert not manifest(tmp_path / "out")["finished"]


def test_score__pattern_that_the_output_will_match__not_taken_for_an_added_file(tmp_path: Path) -> None:
    save(pairs(37), tmp_path / "in.parquet")
    assert run(f"{tmp_path}/*.parquet", tmp_path / "out.parquet") == 37


def test_score__whole_part__kept_before_the_next_one_is_asked_about(tmp_path: Path) -> None:
    source, out = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(source, out, Numbers(stop_after=20))
    assert manifest(out)["rows"] == 20


def test_score__explained_and_marked__in_every_part(tmp_path: Path) -> None:
    source, out = save(pairs(12), tmp_path / "in.parquet"), tmp_path / "out"
    run(source, out, Marking(), explain=True, partition_rows=5)
    scored = pd.read_parquet(out)
    assert scored["reasons"].tolist() == ("since " + pairs(12)["sender_id"]).tolist()
    assert scored["suppressed"].tolist() == (pairs(12)["recipient_id"] == "r3").tolist()


def test_score__column_empty_in_the_first_part__all_parts_of_the_input_s_types(tmp_path: Path) -> None:
    rows = pairs(30).assign(
        number=pd.Series([None] * 20 + [2**60 + 1] * 10, dtype="Int64"),
        flag=pd.Series([None] * 20 + [True] * 10, dtype="boolean"),
        day=pd.Series([None] * 20 + [pd.Timestamp("2024-05-01").date()] * 10),
        text=[None] * 20 + ["late"] * 10,
    )
    source = save(rows, tmp_path / "in.parquet")
    run(source, tmp_path / "out")
    schemas = {pq.read_schema(path).remove_metadata() for path in (tmp_path / "out").glob("part-*")}
    [schema] = schemas
    assert [str(schema.field(name).type) for name in ("number", "flag", "day")] == [
        "int64",
        "bool",
        "date32[day]",
    ]
    last = pd.read_parquet(tmp_path / "out").iloc[-1]
    assert (last["number"], last["flag"], last["text"]) == (2**60 + 1, True, "late")
    assert str(last["day"]) == "2024-05-01"


def test_score__folder_or_pattern_of_files__one_after_another(tmp_path: Path) -> None:
    rows, folder = pairs(37), tmp_path / "in"
    for number, first in enumerate((0, 9, 10, 30)):
        part = rows.iloc[first : (9, 10, 30, 37)[number]].copy()
        if number == 1:  # a whole number without gaps is of another type there
            part["campaign"] = part["campaign"].fillna(7).astype("int32")
        save(part, folder / f"pairs-{number}.parquet")
    (folder / "_SUCCESS").touch()
    run(folder, tmp_path / "all")
    assert pd.read_parquet(tmp_path / "all")["sender_id"].tolist() == rows["sender_id"].tolist()
    assert manifest(tmp_path / "all")["input"]["files"] == 4
    run(f"{folder}/pairs-[12].parquet", tmp_path / "some.csv")
    assert pd.read_csv(tmp_path / "some.csv")["sender_id"].tolist() == rows["sender_id"].tolist()[9:30]
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "again", Numbers(stop_after=25))
    run(folder, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "all")


def test_score__answers_asked_again__only_once_they_are_finished(tmp_path: Path) -> None:
    source = save(pairs(37), tmp_path / "in.parquet")
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "first", Numbers(stop_after=25))
    with pytest.raises(DataError, match="holds a run that is not finished"):
        run(tmp_path / "first", tmp_path / "second")
    run(source, tmp_path / "first")
    run(tmp_path / "first", tmp_path / "second", Numbers("v2"))
    second = pd.read_parquet(tmp_path / "second")
    assert set(second["model_version"]) == {"v2"}
    assert list(second.columns) == list(pd.read_parquet(tmp_path / "first").columns)


def test_score__places_that_cannot_be_meant__refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save(pairs(5), folder / "a.parquet")
    save(pairs(5).drop(columns="campaign"), tmp_path / "odd" / "a.parquet")
    save(pairs(5), tmp_path / "odd" / "b.parquet")
    save(pairs(5), tmp_path / "mixed" / "a.parquet")
    save(pairs(5), tmp_path / "mixed" / "b.csv")
    save(pairs(5).assign(campaign="x"), tmp_path / "kinds" / "b.parquet")
    save(pairs(5), tmp_path / "kinds" / "a.parquet")
    (tmp_path / "empty").mkdir()
    cut_short = tmp_path / "cut" / "a.parquet"
    cut_short.parent.mkdir()
    cut_short.write_bytes((folder / "a.parquet").read_bytes()[:-30])
    for source, target, sentence in (
        (folder, folder, "input and output at once"),
        (folder, folder / "out", "input and output at once"),
        (folder / "a.parquet", tmp_path / "out.xlsx", "or, for a folder of parts, in /"),
        (tmp_path / "empty", tmp_path / "out", "is empty"),
        (tmp_path / "odd", tmp_path / "out", "has other columns than a.parquet: campaign"),
        (tmp_path / "mixed", tmp_path / "out", "b.csv is not one of the others' kind"),
        (tmp_path / "kinds", tmp_path / "out", "the files do not fit together"),
        (tmp_path / "cut", tmp_path / "out", r"a\.parquet cannot be read: .* It may be cut short"),
        (f"{folder}/b*.parquet", tmp_path / "out", "No file matches"),
    ):
        with pytest.raises(InfluenceError, match=sentence):
            run(source, target)
    assert not (tmp_path / "out").exists()


def test_score__model_without_a_fingerprint__refused(tmp_path: Path) -> None:
    source, model = save(pairs(5), tmp_path / "in.parquet"), Numbers()
    del model.fingerprint
    with pytest.raises(ConfigError, match="give it a `fingerprint`"):
        run(source, tmp_path / "out", model)


FULL = """
import json, resource, sys
import pandas as pd
from influence import batch
from influence.errors import ConfigError

class Model:
    version, fingerprint = "v1", "v1 2024-01-01"
    data_until = pd.Timestamp("2024-01-01", tz="UTC")
    def predict(self, task, pairs, at=None):
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=0.5)

resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
told = {}
for target in sys.argv[2:]:
    try:
        batch.score(Model(), sys.argv[1], target, at="2024-01-01", partition_rows=2000, chunk_rows=500)
    except ConfigError as error:
        told[target.rpartition("/")[2]] = str(error)
print(json.dumps(told))
"""


@pytest.mark.slow
def test_score__file_size_limit__nothing_half_written_and_resumed(tmp_path: Path) -> None:
    rows = pairs(4000)
    filler = np.random.default_rng(0).integers(0, 2**62, (2000, 6))
    rows.loc[2000:, "note"] = [" ".join(map(str, each)) for each in filler]
    source = save(rows, tmp_path / "in.parquet")
    targets = [tmp_path / name for name in ("out", "out.parquet", "out.csv")]
    words = [sys.executable, "-c", FULL, str(source), *map(str, targets)]
    left = subprocess.run(words, capture_output=True, text=True, check=True)
    told = json.loads(left.stdout)
    assert sorted(told) == ["out", "out.csv", "out.parquet"]
    for words_told in told.values():
        assert "cannot be written: File too large. Nothing is half-written; another attempt" in words_told
        assert words_told.endswith("Make room, then run the command again.")
    assert "goes on after the 2,000 rows that are finished" in told["out"]
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["_manifest.json", "in.parquet", "part-00000.parquet"]
    model = Numbers()
    assert run(source, tmp_path / "out", model, partition_rows=2000, chunk_rows=500) == 4000
    assert sum(model.asked) == 2000


def test_score__disk_full__nothing_half_written_and_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, left = save(pairs(37), tmp_path / "in.parquet"), [2]
    write = pq.ParquetWriter.write_table

    def full(self: pq.ParquetWriter, *told: Any, **named: Any) -> None:
        if not left[0]:
            raise OSError(errno.ENOSPC, "Error writing bytes to file")
        left[0] -= 1
        write(self, *told, **named)

    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(ConfigError, match=r"No space left on device\. Nothing .* after the 20 rows"):
            run(source, tmp_path / "out")
        with pytest.raises(ConfigError, match=r"No space left on device\. .* attempt starts anew"):
            run(source, tmp_path / "out.parquet")
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["_manifest.json", "in.parquet", "part-00000.parquet", "part-00001.parquet"]
    assert run(source, tmp_path / "out") == 37


def test_parts__names_of_unfinished_work__no_reader_takes_them_up(tmp_path: Path) -> None:
    source, out, seen = save(pairs(37), tmp_path / "in.parquet"), tmp_path / "out", list[list[str]]()

    class Watching(Numbers):
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            if len(self.asked) == 5:
                seen.append(sorted(path.name for path in out.iterdir()))
                assert len(pd.read_parquet(out)) == 10
                assert len(duckdb.sql(f"select * from '{out}/*.parquet'").df()) == 10
            return super().predict(task, pairs, at)

    run(source, out, Watching())
    [[unfinished, *names]] = seen
    assert unfinished.startswith(".part-00001-")
    assert unfinished.endswith(parts.UNFINISHED)
    assert names == ["_manifest.json", "part-00000.parquet"]
