"""A logged model as MLflow's scoring server asks it: what comes in wrong is told, and never as 5xx."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from mlflow.pyfunc import scoring_server
from tests.experiment.worlds import network, quick_config

from influence import experiment, tracking
from influence.config import dump
from influence.prediction import Model
from influence.tracking import guarding
from influence.tracking.gathering import MOST_ROWS, Gathered
from influence.tracking.serving import Served

PAIR = {"sender_id": "p03", "recipient_id": "p07"}
JSON = "application/json"


@dataclass(frozen=True)
class Logged:
    """A model in a store of its own."""

    store: str
    address: str
    model: Model


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        return list(json.loads(self.text, parse_constant=refuse)["predictions"])


Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    folder = tmp_path_factory.mktemp("served")
    settings = quick_config(folder, tracking={"uri": f"sqlite:///{folder / 'mlflow.db'}"})
    model = experiment.fit(network(), settings)
    begun = tracking.start(settings.tracking, command="train", config=dump(settings), network=network())
    with begun as tracker:
        answers = {"acceptance": model.predict("acceptance", tracking.example("acceptance"))}
        address = tracker.log_model(model.save, answers)
    assert address is not None
    return Logged(settings.tracking.store, address, model)


@pytest.fixture(scope="module")
def ask(logged: Logged) -> Ask:
    """One request through MLflow's own function, as its server calls it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", logged.store)
        served = mlflow.pyfunc.load_model(logged.address)
    schema, strict = served.metadata.get_input_schema(), guarding.guarded(scoring_server.invocations)

    def request(body: Any, content_type: str | None = JSON) -> Answer:
        try:
            found = strict(as_bytes(body), content_type, served, schema)
        except mlflow.exceptions.MlflowException as error:
            return Answer(error.get_http_status_code(), error.serialize_as_json())
        return Answer(found.status, found.response)

    return request


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def records(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"dataframe_records": list(rows), **more}


FORMS = {
    "records": records(PAIR),
    "split": {"dataframe_split": {"columns": list(PAIR), "data": [list(PAIR.values())]}},
    "inputs": {"inputs": [PAIR]},
    "inputs by column": {"inputs": {name: [value] for name, value in PAIR.items()}},
    "instances": {"instances": [PAIR]},
    "with what a row may have": records({**PAIR, "has_note": None, "shoe_size": 44}),
    "with its task": records(PAIR, params={"task": "acceptance"}),
    "without parameters": records(PAIR, params=None),
}
WRONG = {
    "no body": (b"", "valid JSON"),
    "no JSON": (b"{'sender_id': 1}", "valid JSON"),
    "no UTF-8": (b"\xff\xfe\x00", "valid JSON"),
    "nested without end": (b"[" * 100_000, "cannot be read"),
    "a number of 5,000 digits": (b'{"inputs": ' + b"9" * 5_000 + b"}", "cannot be read"),
    "a list": ([PAIR], "Received a list"),
    "null": (b"null", "NoneType"),
    "nothing asked": ({}, "exactly one of the input fields"),
    "two forms": ({"inputs": [PAIR], "instances": [PAIR]}, "exactly one of the input fields"),
    "no rows": (records(), "No rows are asked for"),
    "rows that are none": (records(3, 4), "missing inputs"),  # type: ignore[arg-type]
    "a column too few": (records({"sender_id": "p03"}), "missing inputs ['recipient_id']"),
    "a column twice": (
        {"dataframe_split": {"columns": ["sender_id", *PAIR], "data": [["a", "b", "c"]]}},
        "'sender_id' is given twice",
    ),
    "a cell too many": ({"dataframe_split": {"columns": ["sender_id"], "data": [["a", "b"]]}}, "2 columns"),
    "ragged columns": ({"inputs": {"sender_id": ["a", "b"], "recipient_id": ["c"]}}, "same length"),
    "id null": (records({**PAIR, "sender_id": None}), "lack an id in 1 row (1)"),
    "id NaN": (b'{"dataframe_records": [{"sender_id": NaN, "recipient_id": "b"}]}', "lack an id"),
    "id a number": (records({**PAIR, "sender_id": 12}), "sender_id is 12 in row 1. Write it as text"),
    "id a fraction": (records({**PAIR, "sender_id": 1.5}), "sender_id is 1.5 in row 1"),
    "id a number beside text": (records(PAIR, {**PAIR, "sender_id": 12}), "sender_id is 12 in row 2"),
    "id a flag": (records({**PAIR, "sender_id": True}), "sender_id is True in row 1"),
    "id a list": (records({**PAIR, "sender_id": ["p03"]}), "sender_id is ['p03'] in row 1"),
    "sent_at a number": (records({**PAIR, "sent_at": 5}), "2026-01-31T08:00:00Z"),
    "sent_at a word": (records({**PAIR, "sent_at": "soon"}), "not a time"),
    "sent_at a list": (records({**PAIR, "sent_at": ["2025-01-01"]}), "sent_at is ['2025-01-01'] in row 1"),
    "sent_at missing": (records({**PAIR, "sent_at": None}), "lack sent_at in 1 row "),
    "has_note a word": (records({**PAIR, "has_note": "yes"}), "true, false or null"),
    "has_note a number": (records({**PAIR, "has_note": 1}), "true, false or null"),
    "parameters a list": (records(PAIR, params=[1]), "must be a dictionary"),
    "parameter unknown": (records(PAIR, params={"att": "2025"}), "no parameter 'att'. Did you mean 'at'?"),
    "task unknown": (records(PAIR, params={"task": "accept"}), "Did you mean 'acceptance'?"),
    "task not trained for": (records(PAIR, params={"task": "partners"}), "partners"),
    "at no time": (records(PAIR, params={"at": "soon"}), "'soon' is not a time"),
    "at a number": (records(PAIR, params={"at": 5}), "'at'"),
    "a chat": ({"messages": [{"role": "user", "content": "hello"}]}, "missing inputs"),
}


@pytest.mark.parametrize("form", FORMS)
def test_request__every_form__the_answer_of_the_model(ask: Ask, logged: Logged, form: str) -> None:
    expected = logged.model.predict("acceptance", pd.DataFrame([PAIR]))
    pd.testing.assert_frame_equal(pd.DataFrame(ask(FORMS[form]).rows), expected, check_dtype=False)


@pytest.mark.parametrize("wrong", WRONG)
def test_request__at_fault__400_in_few_plain_words(ask: Ask, wrong: str) -> None:
    body, words = WRONG[wrong]
    answer = ask(body)
    assert answer.status == 400
    told = json.loads(answer.text)
    assert words in told["message"]
    assert len(answer.text) < 2_000
    assert "stack_trace" not in told
    assert "Failed to predict" not in told["message"]


def test_request__csv_and_parquet__as_json(ask: Ask, tmp_path: Path) -> None:
    expected = ask(FORMS["records"]).rows
    assert ask(b"sender_id,recipient_id\np03,p07\n", "text/csv").rows == expected
    pd.DataFrame([PAIR]).to_parquet(tmp_path / "pair.parquet")
    parquet = "application/vnd.apache.parquet"
    assert ask((tmp_path / "pair.parquet").read_bytes(), parquet).rows == expected
    assert ask(b"PAR1 no more", parquet).status == 400
    assert ask(b'sender_id,recipient_id\n"p03', "text/csv").status == 400


def test_request__csv_ids_of_digits__stay_text(ask: Ask) -> None:
    (row,) = ask(b"sender_id,recipient_id\n007,8\n", "text/csv").rows
    assert (row["sender_id"], row["is_cold_sender"]) == ("007", True)


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/json; charset=latin-1", "image/png"])
def test_request__content_type_at_fault__415(ask: Ask, kind: str | None) -> None:
    assert ask(records(PAIR), kind).status == 415


def test_request__strangers__answered_and_marked_cold(ask: Ask) -> None:
    known, stranger = ask(records(PAIR, {"sender_id": "p03", "recipient_id": "nobody"})).rows
    assert (known["is_cold_recipient"], stranger["is_cold_recipient"]) == (False, True)
    assert 0 < stranger["p_within_3_weeks"] < 1


def test_request__at__from_what_was_visible_before_it(ask: Ask, logged: Logged) -> None:
    moment = "2025-03-01"
    expected = logged.model.predict("acceptance", pd.DataFrame([PAIR]), at=moment)["p_within_3_weeks"][0]
    assert ask(records(PAIR, params={"at": moment})).rows[0]["p_within_3_weeks"] == pytest.approx(expected)
    row = {**PAIR, "sent_at": "2025-03-01T00:00:00Z"}
    assert ask(records(row)).rows[0]["p_within_3_weeks"] == pytest.approx(expected)


def test_request__body_too_large__413_before_it_is_read(ask: Ask) -> None:
    answer = ask(b" " * (guarding.MAX_BODY_BYTES + 1))
    assert (answer.status, "influence score" in answer.text) == (413, True)


def test_request__too_many_rows__400_with_the_remedy(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MAX_ROWS", 2)
    assert ask(records(PAIR, PAIR)).status == 200
    columns = {name: [value] * 3 for name, value in PAIR.items()}
    for body in (
        records(PAIR, PAIR, PAIR),
        {"inputs": [PAIR] * 3},
        {"instances": [PAIR] * 3},
        {"inputs": columns},
    ):
        answer = ask(body)
        assert (answer.status, "influence score MODEL INPUT OUTPUT" in answer.text) == (400, True), body


def test_answers__nan_and_infinity__null() -> None:
    class Metadata:
        def get_params_schema(self) -> None:
            return None

    class Broken:
        metadata = Metadata()

        def predict(self, data: Any, params: Any) -> pd.DataFrame:
            return pd.DataFrame({"score": [1.5, float("nan"), float("inf")], "name": ["a", None, "c"]})

    answers = guarding._Strict(Broken()).predict([PAIR])
    assert answers.to_dict("list") == {"score": [1.5, None, None], "name": ["a", None, "c"]}


def test_bug_of_the_model__answered_without_our_inside(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(mlflow.pyfunc.PyFuncModel, "predict", broken)
    answer = ask(records(PAIR))
    assert answer.status == 400
    assert "inside" not in answer.text
    assert "Traceback" not in answer.text


def test_guard__no_server__mlflow_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = scoring_server.invocations
    monkeypatch.delenv(guarding.SERVING_VARIABLE, raising=False)
    guarding.guard()
    assert scoring_server.invocations is before
    assert scoring_server._SERVER_MODEL_PATH == guarding.SERVING_VARIABLE, (
        "MLflow marks its server otherwise now"
    )


class Asked:
    """A model that notes by whom it is asked, and how many rows at a time; its answers are the rows."""

    tasks, network = ("acceptance",), network()

    def __init__(self) -> None:
        self.warm, self.threads, self.sizes = list[str | None](), set[int](), list[int]()

    def warm_up(self, at: str | None = None) -> None:
        self.warm.append(at)

    def predict(self, task: str, rows: pd.DataFrame, at: str | None = None) -> pd.DataFrame:
        self.threads.add(threading.get_ident())
        self.sizes.append(len(rows))
        return rows


def test_served__before_the_first_request__asked_about_one_row_and_about_several() -> None:
    model = Asked()
    Served(model)
    assert 1 in model.sizes
    assert max(model.sizes) > 1


def test_served__asked_by_many_threads__the_model_by_one() -> None:
    model = Asked()
    served = Served(model)
    rows = pd.DataFrame([PAIR], dtype="str")
    threads = [threading.Thread(target=served.answer, args=(rows, None)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert model.warm == [None]
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


class Slow:
    """Answers with the length of each row's id; the first call waits until it may."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, task: str, rows: pd.DataFrame, at: str | None) -> pd.DataFrame:
        self.sizes.append(len(rows))
        self.begun.set()
        assert self.go_on.wait(10)
        if (rows["id"] == "wrong").any():
            raise ValueError("wrong")
        return pd.DataFrame({"length": rows["id"].str.len() + (100 if at else 0)})


def asked_at_once(slow: Slow, requests: list[tuple[pd.DataFrame, str | None]]) -> list[Any]:
    """What each request got, all but the first waiting while the first is answered."""
    gathered, found = Gathered(slow), [None] * len(requests)

    def request(position: int) -> None:
        try:
            found[position] = gathered("task", *requests[position])  # type: ignore[call-overload]
        except ValueError as error:
            found[position] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=request, args=(n,)) for n in range(len(requests))]
    threads[0].start()
    assert slow.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(gathered._waiting) < len(requests) - 1:
        time.sleep(0.001)
    slow.go_on.set()
    for thread in threads:
        thread.join(10)
    return found


def ids(*names: str, start: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"id": list(names)}, index=range(start, start + len(names)), dtype="str")


def test_gathered__requests_that_wait__one_call_and_each_its_own_rows() -> None:
    slow = Slow()
    found = asked_at_once(slow, [(ids("a"), None), (ids("bb", "ccc", start=5), None), (ids("dddd"), None)])
    assert slow.sizes == [1, 3]
    assert [one["length"].tolist() for one in found] == [[1], [2, 3], [4]]
    assert found[1].index.tolist() == [5, 6]


def test_gathered__other_moment__asked_apart() -> None:
    slow = Slow()
    found = asked_at_once(slow, [(ids("a"), None), (ids("bb"), "2025-01-01"), (ids("ccc"), None)])
    assert sorted(slow.sizes) == [1, 1, 1]
    assert [one["length"].tolist() for one in found] == [[1], [102], [3]]


def test_gathered__one_at_fault__the_others_answered() -> None:
    slow = Slow()
    found = asked_at_once(slow, [(ids("a"), None), (ids("wrong"), None), (ids("ccc"), None)])
    assert isinstance(found[1], ValueError)
    assert [found[0]["length"].tolist(), found[2]["length"].tolist()] == [[1], [3]]


def test_gathered__many_rows_or_none__not_kept_waiting() -> None:
    slow = Slow()
    slow.go_on.set()
    gathered = Gathered(slow)
    with gathered._busy:
        assert len(gathered("task", ids(*"a" * (MOST_ROWS + 1)), None)) == MOST_ROWS + 1
        assert len(gathered("task", ids(), None)) == 0


@pytest.fixture(scope="module")
def address(logged: Logged, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server started as a user starts it, once it says that it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["mlflow", "models", "serve", "-m", logged.address, "--env-manager", "local", "--port", str(port)]
    bin_folder = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": logged.store,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
    }
    log = (tmp_path_factory.mktemp("log") / "server.log").open("wb")
    server = subprocess.Popen(words, env=environment, stdout=log, stderr=log, start_new_session=True)
    place = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 240
        while over_http(f"{place}/ping").status != 200:
            assert server.poll() is None and time.monotonic() < until, Path(log.name).read_text()
            time.sleep(0.5)
        yield place
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        log.close()


def over_http(place: str, body: bytes | None = None, content_type: str = JSON) -> Answer:
    request = urllib.request.Request(place, body, {"Content-Type": content_type} if body is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode())
    except OSError as error:
        return Answer(0, str(error))


@pytest.mark.slow
def test_server__started_as_a_user_does__ready_warm_and_strict(address: str, logged: Logged) -> None:
    began = time.perf_counter()
    (row,) = over_http(f"{address}/invocations", as_bytes(records(PAIR))).rows
    assert time.perf_counter() - began < 5, "the first answer finds everything compiled"
    expected = logged.model.predict("acceptance", pd.DataFrame([PAIR]))["p_within_3_weeks"][0]
    assert row["p_within_3_weeks"] == pytest.approx(expected, rel=1e-6)
    assert over_http(f"{address}/health").status == 200
    assert over_http(f"{address}/version").text == mlflow.__version__
    for name, body in FORMS.items():
        assert over_http(f"{address}/invocations", as_bytes(body)).status == 200, name
    for name, (body, words) in WRONG.items():
        answer = over_http(f"{address}/invocations", as_bytes(body))
        assert (answer.status, words in json.loads(answer.text)["message"]) == (400, True), name
    assert over_http(f"{address}/invocations", b"x", "text/plain").status == 415
    assert over_http(f"{address}/invocations", b" " * 100_000_000).status == 413
    assert over_http(f"{address}/invocations").status == 405
    assert over_http(f"{address}/elsewhere").status == 404
    assert over_http(f"{address}/invocations", as_bytes(records(*[PAIR] * 2_000))).status == 200


@pytest.mark.slow
def test_server__no_content_type__415(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        )
        assert connection.recv(64).split()[1] == b"415"


@pytest.mark.slow
def test_server__many_clients_at_once__each_its_own_answer(address: str, logged: Logged) -> None:
    people = [f"p{n:02}" for n in range(1, 25)]
    pairs = pd.DataFrame({"sender_id": people, "recipient_id": people[::-1]})
    expected = logged.model.predict("acceptance", pairs)["p_within_3_weeks"].tolist()
    found: dict[int, Answer] = {}

    def client(n: int) -> None:
        found[n] = over_http(f"{address}/invocations", as_bytes(records(pairs.iloc[n].to_dict())))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(len(pairs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n].rows[0]["p_within_3_weeks"] for n in range(len(pairs))] == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.slow
def test_page__its_requests__run_as_they_stand(address: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "serving.md").read_text("utf-8")
    blocks = re.findall(r"```(sh|python)\n(.*?)```", page, flags=re.DOTALL)
    asked = [(kind, block) for kind, block in blocks if "/invocations" in block]
    assert [kind for kind, _ in asked] == ["sh", "python"]
    for kind, block in asked:
        here = block.replace("http://127.0.0.1:5001", address)
        words = ["bash", "-euc", here] if kind == "sh" else [sys.executable, "-c", here]
        ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
        assert "p_within_3_weeks" in ran.stdout if kind == "sh" else ran.stdout.split()[1] == "True"
