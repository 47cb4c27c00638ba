"""serve and run as processes: real programs, ports, workers, and how they end."""

import os
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.graph.files_of_programs import Draft, public_pem, rsa_pem
from tests.graph.processes import (
    PATIENCE,
    Running,
    asked,
    children,
    ended,
    running,
    wait_gone,
    workers_of,
)

CARDS = """{
  kopi: memberByNumber(program: "kopi", number: "4821") { id name balance { points } }
  syw: memberByNumber(program: "syw", number: "7081555000000117") { id name balance { points } }
  north: memberByNumber(program: "northshore", number: "70410002321") {
    id name balance { points }
  }
}"""
CARD = '{ memberByNumber(program: "kopi", number: "4821") { id name } }'


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sandbox as an operator starts it; its URL."""
    key = tmp_path_factory.mktemp("sandbox") / "syw.pub.pem"
    key.write_text(public_pem(rsa_pem()))
    with running("sandbox", "--port", "0", "--telluride-public-key", key) as process:
        yield process.url()


@pytest.fixture
def draft(tmp_path: Path, sandbox: str) -> Draft:
    return Draft(tmp_path).over(sandbox)


def _free_port() -> tuple[socket.socket, int]:
    taken = socket.create_server(("127.0.0.1", 0))
    return taken, taken.getsockname()[1]


def test_the_example_serves_three_real_programs(draft: Draft) -> None:
    with running("serve", "--config", draft.write(), "--port", "0", environ=draft.environ) as graph:
        answer = asked(graph.url(), CARDS)
        assert graph.end() == 0
        assert graph.errors() == ""
    assert "errors" not in answer
    data = answer["data"]
    assert isinstance(data, dict)
    assert {key: member["balance"]["points"] for key, member in data.items()} == {
        "kopi": "3250",
        "syw": "12500",
        "north": "820.25",
    }


def test_two_workers_serve_and_drain(draft: Draft, sandbox: str) -> None:
    draft.change("workers = 1", "workers = 2")
    config = draft.write()
    with running("serve", "--config", config, "--port", "0", environ=draft.environ) as graph:
        url = graph.url()
        workers = workers_of(graph.process.pid)
        assert len(workers) == 2
        assert _answer_of_a_query_under_way(sandbox, url, graph.process) == "Aisyah Rahman"
        assert graph.process.wait(30) == 0
        for worker in workers:
            wait_gone(worker)
        assert graph.errors() == ""


def test_every_worker_gives_the_same_ids(draft: Draft) -> None:
    draft.change("workers = 1", "workers = 2")
    config = draft.write()
    with running("serve", "--config", config, "--port", "0", environ=draft.environ) as graph:
        url = graph.url()
        answers = set[str]()
        for worker in workers_of(graph.process.pid):
            os.kill(worker, signal.SIGSTOP)  # so that it is the other one that answers
            try:
                answers.add(str(asked(url, CARD)))
            finally:
                os.kill(worker, signal.SIGCONT)
        assert len(answers) == 1
        assert "Aisyah" in answers.pop()


def test_workers_end_when_their_parent_is_killed(draft: Draft) -> None:
    draft.change("workers = 1", "workers = 2")
    config = draft.write()
    with running("serve", "--config", config, "--port", "0", environ=draft.environ) as graph:
        graph.url()
        workers = workers_of(graph.process.pid)
        graph.end(signal.SIGKILL)
        for worker in workers:
            wait_gone(worker)


def test_a_query_under_way_is_answered_before_the_end(draft: Draft, sandbox: str) -> None:
    with running("serve", "--config", draft.write(), "--port", "0", environ=draft.environ) as graph:
        url = graph.url()
        assert _answer_of_a_query_under_way(sandbox, url, graph.process) == "Aisyah Rahman"
        assert graph.process.wait(30) == 0


def test_serve_takes_no_port_that_another_has(draft: Draft) -> None:
    taken, port = _free_port()
    with taken:
        told = ended("serve", "--config", draft.write(), "--port", str(port), environ=draft.environ)
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr == (
        f"127.0.0.1:{port} cannot be listened on (Address already in use); "
        "choose another with --port\n"
    )


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_run_takes_no_port_that_another_has(tmp_path: Path, option: str) -> None:
    taken, port = _free_port()
    ports = {"--port": "0", "--sandbox-port": "0"} | {option: str(port)}
    with taken:
        told = ended("run", *(text for pair in ports.items() for text in pair), folder=tmp_path)
    assert told.returncode == 1
    assert told.stderr == (
        f"127.0.0.1:{port} cannot be listened on (Address already in use); "
        f"choose another with {option}\n"
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGHUP])
def test_run_leaves_no_sandbox_behind(tmp_path: Path, how: signal.Signals) -> None:
    with running("run", "--port", "0", "--sandbox-port", "0", folder=tmp_path) as graph:
        graph.until("Open http://")
        sandboxes = children(graph.process.pid)
        assert sandboxes
        code = graph.end(how)
        for sandbox in sandboxes:
            wait_gone(sandbox)
        if how in {signal.SIGTERM, signal.SIGINT}:
            assert code == 0
            assert graph.errors() == ""


def test_run_killed_before_it_serves_leaves_no_sandbox_behind(tmp_path: Path) -> None:
    with running("run", "--port", "0", "--sandbox-port", "0", folder=tmp_path) as graph:
        while not (sandboxes := children(graph.process.pid)):
            assert graph.process.poll() is None
        graph.end(signal.SIGKILL)
        for sandbox in sandboxes:
            wait_gone(sandbox)


def test_a_second_run_keeps_ids_and_keys(tmp_path: Path) -> None:
    answers = [_first_answer(tmp_path) for _ in range(2)]
    assert "Aisyah" in answers[0]
    assert answers[0] == answers[1]
    folder = tmp_path / ".loyalty"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes) == {
        "config.toml",
        "id.key",
        "ledger.key",
        "telluride.key.pem",
        "telluride.public.pem",
    }
    assert set(modes.values()) == {0o600}


RUN = ("run", "--port", "0", "--sandbox-port", "0")


def test_what_was_done_in_an_earlier_run_is_done_anew(tmp_path: Path) -> None:
    """However the earlier one ended; its sandbox has forgotten it."""
    ours = tmp_path / ".loyalty" / "loyalty.db"
    ours.parent.mkdir()
    ours.write_text("of a configuration of somebody's own")
    sale = None
    for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        with running(*RUN, folder=tmp_path) as graph:
            counter = _Counter.of(graph)
            sale = sale or counter.example
            assert counter.sold(sale) == ("SUCCEEDED", False)
            assert counter.sold(sale) == ("SUCCEEDED", True)
            assert counter.sales() == 1
            assert len(list(ours.parent.glob("run-*"))) == 1, "killed ones are cleared away"
            graph.end(how)
    assert list(ours.parent.glob("run-*")) == []
    assert ours.read_text() == "of a configuration of somebody's own"


def test_two_runs_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    with running(*RUN, folder=tmp_path) as first, running(*RUN, folder=tmp_path) as second:
        counters = [_Counter.of(graph) for graph in (first, second)]
        sale = counters[0].example
        assert [counter.sold(sale) for counter in counters] == [("SUCCEEDED", False)] * 2
        assert [counter.sales() for counter in counters] == [1, 1]
        assert second.end() == 0
        assert counters[0].sold(sale) == ("SUCCEEDED", True)
        assert counters[0].sold(counters[1].example) == ("SUCCEEDED", False)
        assert counters[0].sales() == 2
        assert first.end() == 0
    assert list((tmp_path / ".loyalty").glob("run-*")) == []


@dataclass
class _Counter:
    """A demonstration that somebody sells at: its graph, its sandbox, and the page's sale."""

    graph: str
    sandbox: str
    example: dict[str, object]
    headers: dict[str, str]

    @classmethod
    def of(cls, run: Running) -> "_Counter":
        sandbox = run.until("Sandbox of the three upstreams on ").split()[-1]
        graph = run.url()
        listed = httpx.get(f"{graph}/examples.json", timeout=PATIENCE).json()["examples"]
        (sale,) = (each for each in listed if each["title"] == "Post a sale: OneRewards")
        return cls(graph, sandbox, sale, sale["headers"])

    def sold(self, sale: dict[str, object]) -> tuple[str, bool]:
        """How it ended, and whether it had been told before."""
        body = {"query": sale["query"], "variables": sale["variables"]}
        answer = httpx.post(self.graph, json=body, headers=self.headers, timeout=PATIENCE)
        told = answer.json()["data"]["postTransaction"]
        return told["status"], told["receipt"]["replayed"]

    def sales(self) -> int:
        """How many there are by the sandbox's books."""
        found = httpx.get(f"{self.sandbox}/__sandbox__/effects", timeout=PATIENCE).json()
        return sum(each["operation"] == "post_transaction" for each in found)


def test_a_spoilt_key_of_the_demonstration_is_told(tmp_path: Path) -> None:
    folder = tmp_path / ".loyalty"
    folder.mkdir()
    (folder / "telluride.key.pem").write_text("spoilt")
    told = ended("run", "--port", "0", "--sandbox-port", "0", folder=tmp_path)
    assert told.returncode == 1
    assert told.stderr == (".loyalty: telluride.key.pem is damaged; delete the folder .loyalty\n")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / ".loyalty").write_text("in the way")
    told = ended("run", "--port", "0", "--sandbox-port", "0", folder=tmp_path)
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert told.stderr.startswith(".loyalty: its keys cannot be made or read (")


def test_ipv6s_loopback_serves(draft: Draft) -> None:
    config = draft.write()
    arguments = ("--port", "0", "--host", "::1")
    with running("serve", "--config", config, *arguments, environ=draft.environ) as graph:
        url = graph.url()
        assert url.startswith("http://[::1]:")
        assert "Aisyah" in str(asked(url, CARD))


def _first_answer(folder: Path) -> str:
    with running("run", "--port", "0", "--sandbox-port", "0", folder=folder) as graph:
        graph.until("Sandbox of the three upstreams on http://127.0.0.1:")
        answer = str(asked(graph.url(), CARD))
        assert graph.end() == 0
    return answer


def _answer_of_a_query_under_way(sandbox: str, url: str, process: "subprocess.Popen[str]") -> str:
    """Let a query be at the provider, tell the process to end, and give the query's answer."""
    asked(url, CARD)
    controls = f"{sandbox}/__sandbox__"
    httpx.delete(f"{controls}/calls").raise_for_status()
    fault = {"upstream": "onerewards", "times": 1, "fault": {"delay_ms": 1500}}
    httpx.post(f"{controls}/faults", json=fault).raise_for_status()
    answers: list[str] = []
    query = threading.Thread(target=lambda: answers.append(str(asked(url, CARD))))
    query.start()
    while httpx.get(f"{controls}/faults").json():
        assert query.is_alive()
    process.send_signal(signal.SIGTERM)
    query.join()
    return "Aisyah Rahman" if "Aisyah Rahman" in answers[0] else answers[0]
