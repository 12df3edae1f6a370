"""Live work before final work, an Ollama that makes room, and memory that is told: real locks, HTTP and processes."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from inference.models import card
from inference.models.card import LATE_S, LONGEST_WAIT_S, FinalAfter, LiveFirst
from inference.models.memory import forget, is_out_of_memory, measured
from inference.service.config import Settings
from inference.service.ollama_room import ollama_room, unload

HOLD = """
import sys, pathlib
from inference.models.card import LiveFirst
live = LiveFirst(pathlib.Path(sys.argv[1]))
live.behind(1.0)
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def live_process_behind(lock: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_final_work_stands_back_for_a_live_judge_of_another_process_but_not_for_ever(tmp_path: Path) -> None:
    lock = tmp_path / "card.lock"
    final = FinalAfter(lock)
    assert stands_back_at_least(final) < LONGEST_WAIT_S / 2
    with live_process_behind(lock) as live:
        assert LONGEST_WAIT_S <= final.stand_back() < 30 * LONGEST_WAIT_S
        live.kill()  # in mid-turn: the system frees its lock
        live.wait(60)
        assert stands_back_at_least(final) < LONGEST_WAIT_S / 2


def test_final_work_goes_on_as_soon_as_live_work_is_in_time_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "LONGEST_WAIT_S", 120.0)
    live, final = LiveFirst(tmp_path / "card.lock"), FinalAfter(tmp_path / "card.lock")
    live.behind(2 * LATE_S)
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(final.stand_back)
        with pytest.raises(TimeoutError):
            waits.result(0.3)
        live.behind(0.0)
        assert waits.result(60) < 60
    assert stands_back_at_least(final) < LONGEST_WAIT_S / 2


def stands_back_at_least(final: FinalAfter) -> float:
    """The shortest of a few: a busy machine may keep this process from one of them."""
    return min(final.stand_back() for _ in range(5))


def test_a_live_judge_in_time_touches_no_file(tmp_path: Path) -> None:
    live = LiveFirst(tmp_path / "card.lock")
    live.behind(LATE_S / 2)
    assert list(tmp_path.iterdir()) == []


class Ollama:
    """Speaks /api/ps and /api/generate as Ollama does; what it was asked is kept."""

    def __init__(self) -> None:
        self.loaded = ["llama3:8b", "qwen3:4b"]
        self.asked: list[dict[str, Any]] = []
        self.url = ""
        self.ps: bytes | None = None
        self.delay_s = 0.0
        self.over = threading.Event()

    def answer(self, path: str, body: bytes) -> bytes:
        self.over.wait(self.delay_s)
        if path == "/api/ps":
            return (
                self.ps if self.ps is not None else json.dumps({"models": [{"name": n} for n in self.loaded]}).encode()
            )
        asked = json.loads(body)
        self.asked.append(asked)
        self.loaded.remove(asked["model"])
        return json.dumps({"model": asked["model"], "done": True, "done_reason": "unload"}).encode()


@pytest.fixture
def ollama() -> Iterator[Ollama]:
    state = Ollama()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(b"")

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])))

        def _reply(self, body: bytes) -> None:
            answer = state.answer(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the test's screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    state.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def settings(url: str, is_wanted: bool) -> Settings:
    return Settings(secret=SecretStr("x" * 40), ollama_url=f"{url}/v1", ollama_unload=is_wanted)


def test_every_model_of_an_ollama_is_put_away_where_the_operator_wants_it(ollama: Ollama) -> None:
    ollama_room(settings(ollama.url, False))()
    assert ollama.asked == []
    ollama_room(settings(ollama.url, True))()
    assert ollama.asked == [{"model": "llama3:8b", "keep_alive": 0}, {"model": "qwen3:4b", "keep_alive": 0}]
    assert ollama.loaded == []


@pytest.mark.parametrize("ps", [b"nonsense", b"[]", b'{"models": 7}', b"x" * 1_000_000])
def test_an_ollama_that_answers_nonsense_is_left_alone(
    ollama: Ollama, ps: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ollama.ps = ps
    unload(ollama.url)
    assert ollama.asked == []
    assert "Ollama was not asked to make room" in caplog.text


def test_an_ollama_that_hangs_holds_nobody_up(ollama: Ollama, caplog: pytest.LogCaptureFixture) -> None:
    ollama.delay_s = 120.0
    began_s = time.monotonic()
    unload(ollama.url, budget_s=0.3)
    assert time.monotonic() - began_s < 60.0
    assert "Ollama" in caplog.text


def test_an_ollama_that_is_not_there_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    unload("http://127.0.0.1:1")
    assert "Ollama was not asked to make room: URLError" in caplog.text


def test_the_memory_of_a_model_is_told_until_it_is_put_away() -> None:
    labels = {"model": "a large one", "device": "cpu"}
    with measured("a large one"):
        model = np.ones(20_000_000, np.float32)  # 80 MB, written to
    held = REGISTRY.get_sample_value("voicejury_model_memory_bytes", labels)
    assert held is not None
    assert 60e6 < held < 200e6
    del model
    forget("a large one")
    assert REGISTRY.get_sample_value("voicejury_model_memory_bytes", labels) == 0


def test_what_torch_and_the_system_say_of_a_full_memory_is_known() -> None:
    linux = "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to allocate"
    windows = "DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"
    assert all(is_out_of_memory(error) for error in (RuntimeError(linux), RuntimeError(windows), MemoryError()))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))
