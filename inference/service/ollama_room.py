"""Asks an Ollama on the same card to put its models away before a heavy step, where the operator wants that."""

import json
import logging
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from inference import metrics
from inference.service.config import Settings

BUDGET_S = 3.0  # for all of it: a card that stays full is no reason to wait
MAX_ANSWER_BYTES = 256 * 1024
MAX_MODELS = 16
GiveRoom = Callable[[], None]

logger = logging.getLogger(__name__)


def no_room() -> None:
    """For who has no Ollama beside it."""


def ollama_room(settings: Settings) -> GiveRoom:
    """What to call before a heavy step."""
    if not (settings.ollama_unload and settings.ollama_url):
        return no_room
    base_url = settings.ollama_url.removesuffix("/v1")
    return lambda: unload(base_url)


def unload(base_url: str, budget_s: float = BUDGET_S) -> None:
    """Each model that is loaded there; an Ollama that fails, hangs or trickles is told of, never waited for."""
    deadline_s = time.monotonic() + budget_s
    asking = threading.Thread(target=_unload, args=(base_url, deadline_s), name="ollama room", daemon=True)
    asking.start()
    asking.join(budget_s)
    if asking.is_alive():
        metrics.OLLAMA_UNLOADS.labels("failed").inc()
        logger.warning("Ollama did not make room within %.0f s", budget_s)


def _unload(base_url: str, deadline_s: float) -> None:
    try:
        for name in _loaded(base_url, deadline_s):
            _ask(f"{base_url}/api/generate", deadline_s, {"model": name, "keep_alive": 0})
            metrics.OLLAMA_UNLOADS.labels("done").inc()
            logger.info("Ollama put a model away before a heavy step")
    except (OSError, HTTPException, ValueError) as error:
        metrics.OLLAMA_UNLOADS.labels("failed").inc()
        logger.warning("Ollama was not asked to make room: %s", type(error).__name__)


def _loaded(base_url: str, deadline_s: float) -> list[str]:
    answer = _ask(f"{base_url}/api/ps", deadline_s)
    models = answer.get("models")
    if not isinstance(models, list):
        raise ValueError("no list of models")
    names = [model.get("name") for model in models[:MAX_MODELS] if isinstance(model, dict)]
    return [name for name in names if isinstance(name, str) and 0 < len(name) <= 200]


def _ask(url: str, deadline_s: float, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Raises OSError, http.client.HTTPException, ValueError; follows no redirect and no proxy."""
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("no time is left")
    data = json.dumps(body).encode() if body is not None else None
    request = Request(url, data=data, headers={"Content-Type": "application/json"})
    with _opener().open(request, timeout=left_s) as reply:
        if reply.status != 200:
            raise ValueError(f"status {reply.status}")
        raw = reply.read(MAX_ANSWER_BYTES + 1)
    if len(raw) > MAX_ANSWER_BYTES:
        raise ValueError("the answer is too long")
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError("the answer is no object")
    return answer


def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (ProxyHandler({}), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener
