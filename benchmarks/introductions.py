"""Whether recommended introductions succeed: in worlds whose truth is known, and in requests held out.

`python -m benchmarks.introductions world --seeds 0 1 2 3 4`
`python -m benchmarks.introductions acceptances FOLDER ...`
`python -m benchmarks.introductions deals --seeds 0 1 2`
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import influence
from influence import experiment
from influence.config import Config
from influence.data.splits import SplitConfig
from influence.evaluation.protocol import Study
from influence.explanation.people import log_dealings
from influence.model.hazard import ACCEPT
from influence.planning.introductions import Guide, Wish
from influence.planning.introductions.paths import Paths, Search
from influence.planning.introductions.worth import worth_of
from influence.prediction import Model
from influence.synthesis import WorldConfig, simulate
from influence.synthesis.introducing import Introducing

N_RESAMPLES = 1_000
SHARE_KNOWN = 0.75
"""Of a world's window, before the moment asked about."""


def main() -> None:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    world = kinds.add_parser("world")
    world.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    world.add_argument("--contacts", type=int, default=6_000)
    world.add_argument("--pairs", type=int, default=200)
    deals = kinds.add_parser("deals")
    deals.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    deals.add_argument("--contacts", type=int, default=6_000)
    held_out = kinds.add_parser("acceptances")
    held_out.add_argument("folders", type=Path, nargs="+")
    held_out.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.kind == "world":
        rows = [in_world(asked.contacts, seed, asked.pairs) for seed in asked.seeds]
        tell_worlds(pd.concat(rows, ignore_index=True))
    elif asked.kind == "deals":
        tell_deals(pd.concat([in_deals(asked.contacts, seed) for seed in asked.seeds], ignore_index=True))
    else:
        for folder in asked.folders:
            tell_acceptances(folder.name, held_out_requests(folder, asked.seed))


def fitted_in_world(n_contacts: int, seed: int) -> tuple[Model, Introducing, pd.Timestamp]:
    """A model of the first part of a world's window, and the truth at that moment."""
    made = simulate(WorldConfig(n_contacts=n_contacts, seed=seed))
    config, network = made.making.config, made.network
    at = config.started_at + pd.Timedelta(days=SHARE_KNOWN * config.days)
    model = experiment.fit(network, Config(seeds=(seed,)), at=at).with_network(network)
    return model, Introducing(made.making, at), at


def in_world(n_contacts: int, seed: int, n_pairs: int) -> pd.DataFrame:
    """True chances of success of the paths that each method names, one row per pair and question."""
    model, truth, at = fitted_in_world(n_contacts, seed)
    network = model.network
    guide, team = model.introductions_face.guide(at), model.acceptance_face.own_team(at)
    later = network.table("invitations").query("sent_at >= @at and sender_id in @team")
    pairs = later[["sender_id", "recipient_id"]].drop_duplicates("recipient_id").head(n_pairs)
    found = []
    for sender, target in pairs.itertuples(index=False):
        for question, senders in (("one sender", [sender]), ("anybody of the team", team)):
            ways, worth = guide.ways(Wish(senders, [target]))
            if len(ways) and ways.first[0] >= 0:
                found.append((question, ways, worth.p_success))
    everything = Paths.joined([ways for _, ways, _ in found])
    true = truth.succeeds(everything.sender, everything.first, everything.second, everything.target)
    ends = np.cumsum([len(ways) for _, ways, _ in found])
    rows = [
        {"seed": seed, "question": question} | named_by_each(guide, ways, believed, part)
        for (question, ways, believed), part in zip(found, np.split(true, ends[:-1]), strict=True)
    ]
    spearman = pd.Series(np.concatenate([b for *_, b in found])).corr(pd.Series(true), method="spearman")
    print(f"seed {seed}: {len(rows)} answers, believed and true chances of all paths: {spearman:.3f}")
    print(f"  endorsement as measured: {guide.endorsement.measured}", flush=True)
    return pd.DataFrame(rows)


def named_by_each(guide: Guide, ways: Paths, believed: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Method -> true chance of the path that it names; ties count by their mean."""
    at = np.full(len(ways), guide.at)
    shortest = ways.hops == ways.hops.min()
    degree = guide.features.ties["connection"].degree(ways.first, at)
    close = log_dealings(guide.features, ways.sender, ways.first, at)
    close = close + log_dealings(guide.features, ways.endorser, ways.target, at)
    scores = {
        "recommended": believed,
        "shortest": shortest.astype(float),
        "random": np.zeros(len(ways)),
        "highest degree": np.where(shortest, degree, -1),
        "strongest ties": np.where(shortest, close, -1),
        "best there is": true,
    }
    chosen = {name: float(true[score == score.max()].mean()) for name, score in scores.items()}
    return chosen | {"believed": float(believed.max()), "n_paths": len(ways)}


def tell_worlds(rows: pd.DataFrame) -> None:
    """Means over pairs and worlds, and paired differences; seeds and pairs are resampled."""
    for question, part in rows.groupby("question"):
        print(f"\n{question}: {len(part)} targets, {part['n_paths'].mean():,.0f} paths each")
        for name in part.columns.drop(["seed", "question", "n_paths"]):
            told = [resampled(part, part[name], np.mean)]
            line = f"  {name:<16}" + "{:.4f} [{:.4f}, {:.4f}]".format(*told[0])
            if name not in ("recommended", "believed"):
                gain = resampled(part, part["recommended"] - part[name], np.mean)
                line += "   recommended minus it {:+.4f} [{:+.4f}, {:+.4f}]".format(*gain)
            print(line, flush=True)


def resampled(
    rows: pd.DataFrame, values: pd.Series | pd.DataFrame, figure: Callable[[np.ndarray], float]
) -> tuple[float, float, float]:
    """A figure of some values with its 95 % interval, seeds and the rows of each resampled."""
    rng, told = np.random.default_rng(0), values.to_numpy()
    parts = list(rows.reset_index(drop=True).groupby("seed").indices.values())
    drawn = []
    for _ in range(N_RESAMPLES):
        some = [parts[i] for i in rng.integers(0, len(parts), len(parts))]
        drawn.append(figure(told[np.concatenate([one[rng.integers(0, len(one), len(one))] for one in some])]))
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return figure(told), float(low), float(high)


def in_deals(n_contacts: int, seed: int) -> pd.DataFrame:
    """Deals of a world with two buyers: as seen when opened, whether won, whether the order is right."""
    model, truth, at = fitted_in_world(n_contacts, seed)
    positions = model.introductions_face.guide(at).features.graph.positions
    rows = []
    deals = model.network.table("deals")
    for deal in deals[deals["opened_at"] >= at - pd.Timedelta(days=60)].itertuples():
        before = deal.opened_at < at
        seen = model.deal(deal.deal_id, at=at if before else deal.opened_at + pd.Timedelta(seconds=1))
        if len(seen.buying) < 2 or not len(seen.approach):
            continue
        row = {
            "seed": seed,
            "won": np.nan if before or pd.isna(deal.won) else float(deal.won),
            "n_ties": len(seen.ties),
            "surest": seen.approach["p_success"].max(),
            "order": np.nan,
        }
        if before and len(seen.approach) > 1:
            true = true_of_steps(truth, seen.approach, positions)
            row["order"] = true[0] - true[1:].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def true_of_steps(
    truth: Introducing, approach: pd.DataFrame, positions: Callable[[pd.Series], np.ndarray]
) -> np.ndarray:
    """True chances of the steps of an approach; who is tied already does what is asked as introducers do."""
    names = ("sender_id", "introducer_id", "endorser_id", "target_id")
    sender, first, last, target = (positions(approach[name].fillna("")) for name in names)
    second = np.where(last == first, -1, last)
    through = truth.succeeds(sender, np.where(first < 0, sender, first), second, target)
    return np.where(first < 0, truth.passes_on(sender, target), through)


def tell_deals(rows: pd.DataFrame) -> None:
    """Whether the first step is truly the surest, and whether knowing people goes with winning."""
    ordered = rows.dropna(subset="order")
    value, low, high = resampled(ordered, ordered["order"], np.mean)
    interval = f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"
    print(f"{len(ordered)} open deals: true chance of the first step less the later ones' {interval}")
    closed = rows.dropna(subset="won")
    for name in ("n_ties", "surest"):
        value, low, high = resampled(closed, closed[["won", name]], lambda some: roc_auc_score(*some.T))
        interval = f"{value:.3f} [{low:.3f}, {high:.3f}]"
        print(f"{len(closed)} closed deals: AUC of {name} when opened for being won {interval}")


def held_out_requests(folder: Path, seed: int) -> pd.DataFrame:
    """Test requests that somebody could have introduced: what each score says, and what came of them."""
    network = influence.read(folder)
    study = Study.of(network)
    split = study.split(SplitConfig())
    model = experiment.fit(network, Config(seeds=(seed,)), at=split.test_from).with_network(network)
    guide = model.introductions_face.guide(split.test_from)
    measured, n = guide.endorsement.measured, guide.endorsement.n_requests
    print(f"{folder.name}: endorsement as measured on {n} requests: {np.round(measured, 3)}", flush=True)
    test = study.invitations.iloc[split.test]
    accepts = model.predict("acceptance", test)["p_within_3_weeks"].to_numpy()
    accepted = study.outcomes[split.test].event == ACCEPT
    asked = study.queries.queries[split.test]
    ties = guide.features.ties["connection"]
    mutual = ties.mutual(asked.sender, asked.recipient, asked.at)[:, 0]
    nobody, rows = np.zeros(guide.features.graph.n_contacts, np.bool_), []
    for i, (sender, target, at) in enumerate(zip(asked.sender, asked.recipient, asked.at, strict=True)):
        ways = Search(ties, np.array([sender]), nobody, int(at)).to(int(target))
        if not len(ways) or ways.first[0] < 0:
            continue
        worth = worth_of(
            ways, guide.features, guide.answering, guide.endorsement, partial(_same, accepts[i]), int(at)
        )
        rows.append(
            {
                "accepted": accepted[i],
                "n_mutual": mutual[i],
                "p_success": worth.p_success.max(),
                "p_accept": accepts[i],
                "p_answers": (worth.p_success / worth.target).max(),
                "p_endorsed": worth.target.max(),
                "shortest": -ways.hops.min(),
            }
        )
    return pd.DataFrame(rows)


def _same(chance: float, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.full(len(one), chance)


def tell_acceptances(name: str, rows: pd.DataFrame) -> None:
    """AUC of each score with its interval, and of the path's beside it, requests resampled in pairs."""
    for who, part in (("with a mutual contact", rows[rows["n_mutual"] > 0]), ("within 3 hops", rows)):
        print(f"\n{name}, {who}: {len(part)} requests, {part['accepted'].mean():.3f} accepted")
        rng = np.random.default_rng(0)
        draws = [part.iloc[rng.integers(0, len(part), len(part))] for _ in range(N_RESAMPLES)]
        auc = {
            score: np.array([roc_auc_score(some["accepted"], some[score]) for some in (part, *draws)])
            for score in ("p_success", "p_accept", "p_endorsed", "p_answers", "n_mutual", "shortest")
        }
        for score, values in auc.items():
            gain = auc["p_success"] - values
            told = [(v[0], *np.quantile(v[1:], (0.025, 0.975))) for v in (values, gain)]
            line = "  {:<12}{:.3f} [{:.3f}, {:.3f}]".format(score, *told[0])
            print(line + "   p_success minus it {:+.3f} [{:+.3f}, {:+.3f}]".format(*told[1]), flush=True)


if __name__ == "__main__":
    main()
