"""From tables to a model evaluated, saved and asked, by size: `python -m benchmarks.million [--million]`.

Asked: 1,000,000 contacts, 10,000,000 connections, 20,000,000 interactions and 1,000,000 invitations in under
20 minutes and 10 GiB, growth no worse than linear (exponent of at most 1.1).  10,000 and 100,000 contacts are
measured, with `--million` a million, too, under the settings of `configs/large.yaml`, from the graph on disk
(`influence build-graph`); `--tables` reads the tables into memory instead.  Each size is a process of its
own.  Worlds and figures stay in the output folder: run again after a kill, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from influence.files import atomic

WORLD = ("median_degree=15.2", "interactions_per_contact=18.8", "invitations_per_contact=1")
"""Settings of the world that give 10 connections, 20 interactions and one invitation per contact."""

OUTPUT = Path("runs/million")
CONFIG = Path(__file__).parent.parent / "configs" / "large.yaml"
LIMIT = 1.1
SMALLEST = 0.1
"""Seconds or MiB below which growth is not told: the clock and the system's own doings are as large."""
N_PAIRS = 100_000
"""Asked of the model once it is loaded."""
DRAWN = 1.0
"""Seconds of the processor at the largest size below which a phase is not in the picture."""
COSTS = {"wall": "wall", "cpu": "CPU", "peak_mib": "memory", "above_mib": "beyond libraries'"}
"""What growth is told of: the name of a figure, and how it is called."""


def main(asked: argparse.Namespace) -> None:
    """Measure each size that has no figures yet, then print the table, fit the exponents and draw them."""
    sizes = sorted({*asked.contacts, *([1_000_000] if asked.million else [])})
    told = ["tables" if asked.tables else "stored", *asked.overrides]
    kind = "-".join([*told, *(["baselines"] if asked.baselines else [])])
    found = {n: _figures(n, kind, asked) for n in sizes}
    phases = list(dict.fromkeys(phase for phases in found.values() for phase in phases))
    for n in sizes:
        print(f"\n{n:,} contacts{'':<10}{'wall s':>10}{'CPU s':>10}{'peak MiB':>10}{'own':>10}")
        for phase, cost in found[n].items():
            print(f"  {phase:<26}{cost['wall']:>10.1f}{cost['cpu']:>10.1f}", end="")
            print(f"{cost['peak_mib']:>10,.0f}{cost['own_mib']:>10,.0f}")
    if len(sizes) > 1:
        _tell_growth(sizes, found, phases, asked.picture or asked.output / f"{kind}.png")
    print(
        f"\n{platform.processor() or platform.machine()}, {os.cpu_count()} processors; load {os.getloadavg()}"
    )


def _figures(n: int, kind: str, asked: argparse.Namespace) -> dict[str, dict[str, float]]:
    """What each phase took at one size: measured now, unless an earlier call has done so."""
    target = asked.output / f"{kind}-{n}.json"
    if target.exists():
        return json.loads(target.read_text())
    world = _world(n, asked.output / "worlds" / str(n))
    source = world if asked.tables else asked.output / "graphs" / str(n)
    figures = {} if asked.tables else {"build the graph on disk": _graph(world, source)}
    model = str(asked.output / f"model-{n}")
    print(f"{n:,} contacts: measuring ...", flush=True)
    figures |= _phases("--child", str(source), str(int(asked.baselines)), model, *asked.overrides)
    figures |= _phases("--asking", model)
    libraries = figures["import"]["peak_mib"]
    for cost in figures.values():
        cost["above_mib"] = max(0.0, cost["peak_mib"] - libraries)
    whole = {name: sum(cost[name] for cost in figures.values()) for name in ("wall", "cpu")}
    peaks = ("peak_mib", "own_mib", "above_mib")
    figures["whole"] = whole | {name: max(cost[name] for cost in figures.values()) for name in peaks}
    target.write_text(json.dumps(figures, indent=1))
    return figures


def _phases(*words: str) -> dict[str, dict[str, float]]:
    """What the phases of a process of its own took."""
    told = _run("-m", "benchmarks.million", *words)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return {line.pop("phase"): line for line in lines}


def _world(n: int, folder: Path) -> Path:
    """Tables of so many contacts; written whole or not at all, so that a world that exists is whole."""
    if not folder.exists():
        print(f"{n:,} contacts: making the world ...", flush=True)
        settings = [word for setting in WORLD for word in ("--set", setting)]
        _run("-m", "influence.cli", "synth", str(folder), "--contacts", str(n), *settings)
    return folder


def _graph(world: Path, folder: Path) -> dict[str, Any]:
    """What building the graph of a world on disk took, in a process of its own; once for each world."""
    told = folder.with_suffix(".json")
    if not folder.exists() or not told.exists():
        print(f"{world.name}: building the graph ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        began = time.perf_counter()
        words = [sys.executable, "-m", "influence.cli", "build-graph", str(world), str(folder)]
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if status:
            raise SystemExit("The graph was not built.")
        cost = {"wall": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime}
        told.write_text(json.dumps({**cost, "peak_mib": used.ru_maxrss / 1024, "own_mib": 0.0}))
    return dict(json.loads(told.read_text()))


def _run(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _tell_growth(sizes: Sequence[int], found: dict[int, Any], phases: Sequence[str], plot: Path) -> None:
    """Exponents of growth by least squares on logarithms, of each phase and of the whole, with a picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 5.5), layout="constrained")
    colours = iter(plt.get_cmap("tab20")(range(20)))
    print(f"\nexponent of growth, at most {LIMIT} asked{''.join(f'{name:>18}' for name in COSTS.values())}")
    for phase in phases:
        told = {name: _exponent(sizes, [found[n][phase][name] for n in sizes]) for name in COSTS}
        print(f"  {phase:<33}" + "".join(f"{exponent:>18.2f}" for exponent in told.values()))
        if found[sizes[-1]][phase]["cpu"] < DRAWN:
            continue
        label, colour = f"{phase} ({told['cpu']:.2f}, {told['peak_mib']:.2f})", next(colours)
        for axis, name in zip(axes, ("cpu", "peak_mib"), strict=True):
            y = [found[n][phase][name] for n in sizes]
            width = 3.0 if phase == "whole" else 1.2
            axis.plot(sizes, y, "o-", linewidth=width, color=colour, label=label)
    for axis, title in zip(axes, ("time of the processor, s", "peak memory, MiB"), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="contacts", title=title)
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8,
        title="phase (exponents of time and memory)",
    )  # fmt: skip
    with atomic(plot) as new:
        figure.savefig(new, dpi=110, metadata={"Software": None})
    print(f"The picture is in {plot}.")


def _exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The slope of the least squares line through the logarithms; NaN where a cost is too small to tell."""
    if min(costs) < SMALLEST:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


class _Meter:
    """Prints what each phase took as a line of JSON."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew at what is held now
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def done(self, phase: str) -> None:
        """End a phase, and begin the next."""
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        mib = {name: int(status[name].split()[0]) / 1024 for name in ("VmHWM", "RssAnon")}
        cost = {"wall": time.perf_counter() - self.wall, "cpu": time.process_time() - self.cpu}
        told = {"phase": phase, **cost, "peak_mib": mib["VmHWM"], "own_mib": mib["RssAnon"]}
        print(json.dumps(told), flush=True)
        self._begin()


def _child(source: str, baselines: str, target: str, *overrides: str) -> None:
    """The phases, one after another, in this process; a line of figures at the end of each."""
    meter = _Meter()
    from influence import experiment, readers
    from influence.config import load_config
    from influence.evaluation.protocol import Study
    from influence.prediction import Model

    meter.done("import")
    config = load_config(CONFIG, ["seeds=[0]", *overrides])
    network = readers.read(source)
    meter.done("read and validate")
    study = Study.of(network)
    features = study.queries.features
    for part in (features.graph.incidence, features.graph.timelines, features.ties, features.pair_timelines):
        assert part is not None
    meter.done("build the graph")
    combination, stage_until = _train(study, config, meter)
    _test(study, config, combination, meter)
    model = Model(network, config, {"acceptance": combination}, stage_until)
    model.save(Path(target))
    meter.done("save")
    if int(baselines):
        del study, features, model, combination
        experiment.evaluate(network, config)
        meter.done("evaluate with baselines")


def _asking(folder: str) -> None:
    """A model loaded by itself, with its own records, and asked about pairs of one moment."""
    import pandas as pd

    import influence

    meter = _Meter()
    model = influence.load(folder)
    meter.done("load the model")
    people = model.network.contact_ids.to_numpy(object)
    drawn = np.random.default_rng(0).integers(len(people), size=(N_PAIRS, 2))
    asked = pd.DataFrame(people[drawn], columns=["sender_id", "recipient_id"])
    model.predict("acceptance", asked)
    meter.done(f"ask it about {N_PAIRS:,} pairs")


def _train(study: Any, config: Any, meter: _Meter) -> tuple[Any, Any]:
    from influence.experiment import recipe_of
    from influence.training.memory import with_rehearsed_memory
    from influence.training.mixture import Combination, develop
    from influence.training.parts import MODEL, PARTS

    split = study.split(config.split)
    cut = split.train, split.validation, split.validation_from, split.test_from
    stage = study.stage(*cut, config.split.max_rows)
    meter.done("split")
    assert len(stage.everything.pair) == len(stage.everything.neighbours)
    meter.done("features of training rows")
    calibration = with_rehearsed_memory(config.calibration, stage, config.trees)
    meter.done("rehearse recalibration")
    recipe, parts = recipe_of(config, 0, None), {}
    for name in MODEL:
        parts[name] = develop(PARTS[name](recipe), stage)
        meter.done(f"train {name}")
    return Combination.of(parts, stage, calibration), split.test_from


def _test(study: Any, config: Any, combination: Any, meter: _Meter) -> None:
    from influence.evaluation.protocol import forecasts_of
    from influence.evaluation.summary import summarise

    split = study.split(config.split)
    rows = study.queries[split.test]
    logits = {name: one.logits(rows) for name, one in combination.forecasters.items()}
    predictions = forecasts_of(study, split, combination, logits, "model", 0)
    meter.done("forecast the test")
    counts = {"n_train": len(split.train), "n_validation": len(split.validation), "n_test": len(split.test)}
    summary = summarise(
        predictions, task="acceptance", dataset="world", counts=counts, slices={}, costs={"model": {}}
    )
    auc = summary["methods"]["model"]["auc"]["value"]
    print(f"auc {auc:.4f}, log loss {summary['methods']['model']['log_loss_3class']['value']:.4f}, {counts}")
    meter.done("figures and intervals")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="1,000,000, too")
    parser.add_argument("--baselines", action="store_true", help="evaluate with every baseline, too")
    parser.add_argument(
        "--tables", action="store_true", help="from tables in memory, without a graph on disk"
    )
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--picture", type=Path, help="of growth; by default beside the figures")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--asking", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(*given.child)
    elif given.asking:
        _asking(given.asking)
    else:
        given.output.mkdir(parents=True, exist_ok=True)
        main(given)
