"""Fit and evaluate: what they know, what they leave, and how they refuse records that teach nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config
from tests.graph.worlds import at, random_network

from influence import experiment
from influence.data import Network
from influence.errors import DataError, InfluenceError
from influence.evaluation.baselines import BASELINES
from influence.evaluation.protocol import Study
from influence.evaluation.summary import write_json
from influence.training.loop import Progress
from influence.training.parts import COMBINATIONS


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> experiment.Evaluation:
    return experiment.evaluate(network(), quick_config(tmp_path_factory.mktemp("evaluate"), dataset="random"))


def test_evaluate__random_world__every_method_on_the_same_rows(evaluation: experiment.Evaluation) -> None:
    summary, predictions = evaluation.summary, evaluation.predictions
    methods = set(COMBINATIONS) | set(BASELINES)
    assert set(summary["methods"]) == set(predictions["method"]) == methods
    assert set(summary["differences"]) == methods - {"model"}
    assert (predictions.groupby("method").size() == summary["n_test"]).all()
    assert (summary["task"], summary["dataset"], summary["seeds"]) == ("acceptance", "random", [0])


def test_evaluate__random_world__probabilities_agree(evaluation: experiment.Evaluation) -> None:
    found = evaluation.predictions
    probabilities = found[["p_at_once", "p_within_3_weeks", "p_declined"]]
    assert ((probabilities >= 0) & (probabilities <= 1)).all(axis=None)
    assert (found["p_at_once"] <= found["p_within_3_weeks"]).all()
    assert (found["p_within_3_weeks"] + found["p_declined"] <= 1 + 1e-9).all()
    assert found.loc[found["method"] == "model", "p_within_3_weeks"].nunique() > 20


def test_evaluate__summary__goes_to_json_and_back(evaluation: experiment.Evaluation, tmp_path: Path) -> None:
    write_json(evaluation.summary, tmp_path / "evaluation.json")
    told = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    assert told["methods"].keys() == evaluation.summary["methods"].keys()
    assert told["n_train"] > told["n_validation"] > 0


def test_evaluate__test_rows__the_latest_that_could_show_their_outcome(
    evaluation: experiment.Evaluation,
) -> None:
    invitations = network().table("invitations").set_index("invitation_id")
    tested = invitations.loc[evaluation.predictions["query_id"].unique()]
    early = tested["responded_at"] < tested["sent_at"] + pd.Timedelta(days=21)
    assert not ((tested["outcome"] == "withdrawn") & early).any()
    assert (tested["sent_at"] + pd.Timedelta(days=21) <= tested["observed_until"]).all()
    assert tested["sent_at"].min() == evaluation.model.trained_until


def test_evaluate__killed_then_fitted__nothing_of_the_one_enters_the_other(tmp_path: Path) -> None:
    config = quick_config(tmp_path)

    def kill(what: str, done: int, total: int) -> None:
        if "epoch 1" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment.evaluate(network(), config, progress=kill)
    assert list((tmp_path / ".training").iterdir())
    after_a_kill = experiment.fit(network(), config).predict("acceptance", pairs(20))
    fresh = experiment.fit(network(), quick_config(tmp_path / "fresh")).predict("acceptance", pairs(20))
    pd.testing.assert_frame_equal(after_a_kill, fresh)


def test_fit__killed_and_run_again__resumes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    config, heard = quick_config(tmp_path), list[str]()

    def kill(what: str, done: int, total: int) -> None:
        if "epoch 1" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment.fit(network(), config, progress=kill)
    experiment.fit(network(), config, progress=lambda what, *_: heard.append(what))
    assert next(what.split(", ")[1] for what in heard if "epoch" in what) == "epoch 2"
    assert not (tmp_path / ".training").exists()


def test_fit__boundary_in_the_middle__knows_nothing_later(tmp_path: Path) -> None:
    cut = at(120)
    model = experiment.fit(network(), quick_config(tmp_path), at=cut)
    assert model.trained_until == cut
    assert model.network.table("invitations")["sent_at"].max() < cut
    history = model.acceptance.calibration.history
    assert history.sent_at.max() < cut.value // 1000


def without_answers(records: Network, outcome: str) -> Network:
    invitations = records.table("invitations")
    ended = invitations["outcome"] == outcome
    changed = invitations.assign(
        outcome=invitations["outcome"].mask(ended, "pending"),
        responded_at=invitations["responded_at"].mask(ended),
    )
    return records.with_tables(invitations=changed)


@pytest.mark.parametrize("run", [experiment.fit, experiment.evaluate])
def test_fit_and_evaluate__nobody_ever_accepts__told(run: object, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"accepted"):
        run(without_answers(network(), "accepted"), quick_config(tmp_path))  # type: ignore[operator]


@pytest.mark.parametrize("run", [experiment.fit, experiment.evaluate])
def test_fit_and_evaluate__everybody_accepts_at_once__told(run: object, tmp_path: Path) -> None:
    invitations = network().table("invitations")
    all_quick = invitations.assign(
        outcome="accepted", responded_at=invitations["sent_at"] + pd.Timedelta(minutes=1)
    )
    with pytest.raises(DataError, match=r"left open"):
        run(network().with_tables(invitations=all_quick), quick_config(tmp_path))  # type: ignore[operator]


def test_fit__nobody_ever_declines__forecasts_hardly_any(tmp_path: Path) -> None:
    records = without_answers(network(), "declined")
    found = experiment.fit(records, quick_config(tmp_path)).predict("acceptance", pairs(50))
    assert found["p_declined"].max() < 0.02


def pairs(n: int) -> pd.DataFrame:
    return network().table("invitations")[["sender_id", "recipient_id"]].head(n)


def few(n: int) -> Network:
    return random_network(3, n_people=4, n_invitations=n, days=100)


def one_star() -> Network:
    """One contact invites everybody else, and that is all that is known."""
    invitations = network().table("invitations")
    star = invitations.assign(sender_id="boss", recipient_id=[f"c{i:04d}" for i in range(len(invitations))])
    return Network.from_tables({"invitations": star})


def late() -> Network:
    """Everything was sent within the last three weeks."""
    invitations = network().table("invitations")
    until = invitations["sent_at"] + pd.Timedelta(days=2)
    return network().with_tables(
        invitations=invitations.assign(
            outcome="pending", responded_at=pd.Series(pd.NaT, invitations.index, "datetime64[us, UTC]"),
            observed_until=until,
        )
    )  # fmt: skip


def at_one_moment() -> Network:
    invitations = network().table("invitations")
    pending = invitations.assign(
        sent_at=at(0), outcome="pending",
        responded_at=pd.Series(pd.NaT, invitations.index, "datetime64[us, UTC]"),
    )  # fmt: skip
    return network().with_tables(invitations=pending)


def no_invitations() -> Network:
    return Network.from_tables({"interactions": network().table("interactions")})


@pytest.mark.parametrize("run", [experiment.fit, experiment.evaluate, experiment.audit])
@pytest.mark.parametrize(
    "make", [lambda: few(1), lambda: few(3), late, at_one_moment, no_invitations],
    ids=["one", "three", "late", "at one moment", "none"],
)  # fmt: skip
def test_any_run__too_little_to_learn_from__told(run: object, make: object, tmp_path: Path) -> None:
    with pytest.raises(InfluenceError, match=r"invitations"):
        run(make(), quick_config(tmp_path))  # type: ignore[operator]


def test_fit__a_single_sender__works(tmp_path: Path) -> None:
    found = experiment.fit(one_star(), quick_config(tmp_path)).predict("acceptance", pairs(5))
    assert np.isfinite(found["p_within_3_weeks"]).all()


@pytest.mark.parametrize("n", [14, 25])
def test_evaluate__a_few_invitations__a_result_or_a_reason(n: int, tmp_path: Path) -> None:
    try:
        found = experiment.evaluate(few(n), quick_config(tmp_path))
    except InfluenceError as error:
        assert "invitations" in str(error)
    else:
        assert np.isfinite(found.predictions["p_within_3_weeks"]).all()


def test_study__rows_shuffled__the_same_study() -> None:
    records = network()
    shuffled = records.with_tables(
        invitations=records.table("invitations").sample(frac=1, random_state=0, ignore_index=True)
    )
    one, other = Study.of(records), Study.of(shuffled)
    assert one.invitations["invitation_id"].tolist() == other.invitations["invitation_id"].tolist()
    np.testing.assert_array_equal(one.queries.pair, other.queries.pair)


def test_recipe_of__several_members_and_seeds__never_the_same_seed_twice(tmp_path: Path) -> None:
    config = quick_config(tmp_path, ensemble_members=3)
    seeds = [seed for run in (0, 1, 2) for seed in experiment.recipe_of(config, run, None).seeds]
    assert len(set(seeds)) == 9


def test_progress__epochs__passed_on_with_how_many_there_may_be(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    recipe = experiment.recipe_of(quick_config(tmp_path), 4, None, lambda *told: heard.append(told))
    listener = next(iter(recipe.listeners))
    listener("gnn", Progress(2, 8, 0.5, 0.4, 10.0))
    listener("gnn", Progress(3, 8, 0.5, 0.4, 10.0, is_last=True))
    assert heard == [("seed 4: gnn, epoch 2, 8 at most", 2, 8), ("seed 4: gnn, epoch 3, 8 at most", 8, 8)]


@pytest.mark.slow
def test_audit__leaders__no_profile_moves_under_an_altered_future() -> None:
    from tests.prediction.test_leadership import config, records

    found = experiment.audit(records(), config(), n_cuts=1, n_pairs=25)
    assert (found.n_checked, found.n_moved) == (50, 0)
