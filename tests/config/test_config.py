"""Configurations: what a file and the command line may say, and what a mistake is answered with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from influence.config import Config, dump, load_config, parse_config, resolve_data
from influence.errors import ConfigError, DataError, InfluenceError
from influence.model.encoder import EncoderConfig

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_load_config__empty_file__gives_the_defaults(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "")) == Config()


def test_load_config__overrides__go_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "seeds: [7]\ndataset: mine\n")
    config = load_config(path, ["seeds=[1, 2]", "ensemble_members=4", "output=runs/x=y"])
    assert config.seeds == (1, 2)
    assert config.dataset == "mine"
    assert config.ensemble_members == 4
    assert config.output == Path("runs/x=y")


def test_load_config__override__read_as_yaml_scalar(tmp_path: Path) -> None:
    path = written(tmp_path, "dataset: mine\n")
    assert load_config(path, ["dataset=null"]).dataset is None
    assert load_config(path, ["dataset='12'"]).dataset == "12"


def test_load_config__unknown_key__names_file_key_and_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "seedz: [1]\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}: unknown key 'seedz'. Did you mean 'seeds'?"


def test_load_config__unknown_key_inside__names_the_whole_key_path(tmp_path: Path) -> None:
    path = written(tmp_path, "encoder:\n  no_such_setting: 1\n")
    with pytest.raises(ConfigError, match=r"unknown key 'encoder\.no_such_setting'"):
        load_config(path)


@pytest.mark.parametrize(
    ("text", "override", "sentence"),
    [
        ("seeds: [1]", "ensemble_member=3", r"^--set: unknown key .* Did you mean 'ensemble_members'"),
        ("seeds: [1]", "traning.max_epochs=3", r"^--set: unknown key 'traning'. Did you mean 'training'"),
        ("seeds: [1]", "trees=3", r"^--set: trees = 3: it holds settings of its own"),
        ("traning: {max_epochs: 3}", "traning.seed=3", r"config.yaml: unknown key 'traning'\. Did you mean"),
    ],
)
def test_load_config__mistake_in_set__blames_the_command_line_unless_the_file_has_it_too(
    tmp_path: Path, text: str, override: str, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load_config(written(tmp_path, text), [override])


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda: Config(seed=[0]), "Config: unknown key 'seed'. Did you mean 'seeds'?"),
        (lambda: Config(seeds=[]), "Config: seeds = []: "),
        (
            lambda: Config(encoder={"widht": 8}),
            "Config: unknown key 'encoder.widht'. Did you mean 'width'?",
        ),
        (lambda: EncoderConfig(widht=8), "EncoderConfig: unknown key 'widht'. Did you mean 'width'?"),
        (lambda: Config(task="aceptance"), "Config: task = 'aceptance': there is no such task. Did you mean"),
    ],
)
def test_config__made_in_python_with_a_mistake__told_as_of_a_file(
    made: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        made()
    assert str(caught.value).startswith(sentence)


def test_config__made_in_python__several_mistakes_at_any_depth_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Config(seedz=[0], encoder={"width": "wide"}, trees={"max_round": 3})  # type: ignore[call-arg, arg-type]
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["Config"] * 3


@pytest.mark.parametrize("override", ["seeds", "=3", "split..x=1", ""])
def test_load_config__malformed_set__shows_the_form(tmp_path: Path, override: str) -> None:
    with pytest.raises(ConfigError, match="expected key=value"):
        load_config(written(tmp_path, ""), [override])


def test_load_config__set_below_a_plain_value__refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'dataset' holds a plain value"):
        load_config(written(tmp_path, "dataset: mine\n"), ["dataset.name=x"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds: [a]", "seeds.0 = 'a': it should be a valid integer."),
        ("seeds: []", "seeds = []: "),
        ("ensemble_members: 0", "ensemble_members = 0: it should be greater than or equal to 1."),
        ("task: 3", "task = 3: it should be a valid string."),
        ("task: aceptance", "task = 'aceptance': there is no such task. Did you mean 'acceptance'?"),
        ("reader: table", "reader = 'table': there is no such reader. Did you mean 'tables' or 'database'?"),
        ("output: [1]", "output = [1]: it should be a path."),
        ("num_leaves: 15", "unknown key 'num_leaves'. Did you mean 'trees: {num_leaves: ...}'?"),
        ("trees.num_leaves: 15", "unknown key 'trees.num_leaves'. Did you mean 'trees: {num_leaves: ...}'?"),
        ("seeds: 0", "seeds = 0: it should be a list, in square brackets: [a, b]."),
        ("encoder: 3", "encoder = 3: it holds settings of its own, and no plain value."),
    ],
)
def test_load_config__wrong_value__says_what_it_should_be(tmp_path: Path, text: str, sentence: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")


def test_load_config__several_mistakes__all_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, "seedz: [1]\nensemble_members: 0\n"))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds: [1", r"line \d: not valid YAML"),
        ("a: 1\nseeds: [1]\nseeds: [2]\n", "line 3: not valid YAML: the key 'seeds' is given twice"),
        ("- 1\n- 2\n", "expected lines of `key: value`, found list"),
        ("hello", "expected lines of `key: value`, found str"),
        ("1: 2", "1 = 2|unknown key '1'|Keys should be"),
        ("? [a, b]\n: 2", "not valid YAML|Keys should be"),
        ("when: !!python/object:os.system x", "not valid YAML"),
    ],
)
def test_load_config__no_configuration_in_the_file__says_where(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load_config(written(tmp_path, text))


def test_load_config__missing_file__names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, "")
    with pytest.raises(ConfigError, match=r"There is no configuration file .*confg\.yaml.*'config\.yaml'"):
        load_config(tmp_path / "confg.yaml")


def test_load__no_file_and_none_beside_it__asked_to_check_the_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'.*config\.yaml'\. Check its path: no file beside it ends in"):
        load_config(tmp_path / "config.yaml")


@pytest.mark.parametrize("kind", ["folder", "binary"])
def test_load_config__unreadable_file__config_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd.yaml"
    path.mkdir() if kind == "folder" else path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(path)


def test_dump__departures_only__loads_back_to_the_same(tmp_path: Path) -> None:
    config = Config(seeds=(5,), output=Path("elsewhere"))
    departures = dump(config, departures_only=True)
    assert departures == {"seeds": [5], "output": "elsewhere"}
    assert load_config(written(tmp_path, yaml.safe_dump(departures))) == config
    assert parse_config(dump(config)) == config
    assert set(dump(config)) == set(Config.model_fields)


def test_resolve_data__path_given__goes_before_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFLUENCE_DATA", str(tmp_path / "root"))
    assert resolve_data(Config(data="acceptance/x"), tmp_path) == tmp_path


def test_resolve_data__root_set__finds_the_folder_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acceptance" / "x").mkdir(parents=True)
    monkeypatch.setenv("INFLUENCE_DATA", str(tmp_path))
    assert resolve_data(Config(data="acceptance/x")) == tmp_path / "acceptance" / "x"


def test_resolve_data__nothing_named_or_there__says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INFLUENCE_DATA", raising=False)
    with pytest.raises(ConfigError, match="names no data"):
        resolve_data(Config())
    with pytest.raises(ConfigError, match="INFLUENCE_DATA is not set"):
        resolve_data(Config(data="acceptance/x"))
    monkeypatch.setenv("INFLUENCE_DATA", str(tmp_path))
    with pytest.raises(DataError, match="Check INFLUENCE_DATA"):
        resolve_data(Config(data="acceptance/x"))
    with pytest.raises(DataError, match="--data"):
        resolve_data(Config(), tmp_path / "absent")


def of_a_training(path: Path) -> bool:
    """Whether a file is a training's and not a sweep's, which has a test of its own."""
    return not path.parent.name.startswith("sweep-")


SHIPPED = [*ROOT.glob("configs/*.yaml"), *filter(of_a_training, ROOT.glob("experiments/*/config.yaml"))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_config__loaded__holds_departures_only(path: Path) -> None:
    written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    departures = dump(load_config(path), departures_only=True)
    if "seeds" in written:  # part of an experiment's record, also where they are the default
        departures.setdefault("seeds", written["seeds"])
    assert departures == written


def test_errors__from_configurations__are_for_users() -> None:
    assert issubclass(ConfigError, InfluenceError)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_config__public_data_named__are_where_the_root_says(path: Path) -> None:
    config = load_config(path)
    if config.data is None:
        return
    root = os.environ.get("INFLUENCE_DATA")
    if not root or not Path(root, config.data).exists():
        pytest.skip(f"INFLUENCE_DATA does not hold {config.data}")
    assert resolve_data(config).is_dir()


def test_resolve_data__addresses__as_they_are_and_never_with_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert resolve_data(Config(data="sqlite:///crm.db")) == "sqlite:///crm.db"
    assert resolve_data(Config(data="elsewhere"), "postgresql://host/crm") == "postgresql://host/crm"
    monkeypatch.setenv("INFLUENCE_DATA", "postgresql://ann:hunter2@host/crm")
    for ask in (
        lambda: resolve_data(Config(data="elsewhere")),
        lambda: resolve_data(Config(), "postgresql://ann:hunter2@host/crm"),
        lambda: parse_config({"data": "postgresql://ann:hunter2@host/crm"}),
    ):
        with pytest.raises(ConfigError) as caught:
            ask()
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("training.max_epoch=3", "Did you mean 'training.max_epochs'?"),
        ("max_rounds=3", "unknown key 'max_rounds'. Did you mean 'trees.max_rounds'?"),
        ("num_leave=3", "unknown key 'num_leave'. Did you mean 'trees.num_leaves'?"),
        ("learning_rates=3", "Did you mean 'trees.learning_rate' or 'training.learning_rate'?"),
        ("trees.max_epochs=3", "unknown key 'trees.max_epochs'. Did you mean 'training.max_epochs'?"),
        ("partners.geography.trades=x", "Did you mean 'partners.geography.trade'?"),
        ("reading.joining.upperr=1", "Did you mean 'reading.joining.upper'?"),
        ("zzz=3", "unknown key 'zzz'. Known: "),
    ],
)
def test_load_config__key_at_another_level__told_where_it_stands(
    tmp_path: Path, override: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, ""), [override])
    assert hint in str(caught.value)


def test_load_config__value_close_to_one_allowed__named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"it should be 'profile', 'email' or 'name'\. Did you mean 'name'\?"
    ):
        load_config(written(tmp_path, ""), ["reading.joining.by=[names]"])
