"""Requests to models and models to answers."""

from collections import OrderedDict
from collections.abc import Hashable
from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from signaling.errors import ProblemError, SourceError
from signaling.routes.schemas import Problem

KEPT_ANSWERS = 64

Model = TypeVar("Model", bound=BaseModel)
SOURCE_STATUSES = {
    "bad-request": 400,
    "same-file": 400,
    "no-source": 404,
    "video-unavailable": 404,
    "too-large": 413,
    "busy": 429,
    "service-failed": 502,
    "no-network": 503,
    "separation-missing": 503,
    "disk-full": 507,
}
UNFIT = 422  # the rest: this very recording is not taken, whoever asks and when


def answer(model: BaseModel, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=model.model_dump_json(), status=status, content_type="application/json")


class KeptAnswers:
    """Answers whose making takes long, by all that they were made from. Of one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[bytes, object]] = OrderedDict()

    def get(self, made_from: Hashable) -> web.Response | None:
        known = self._kept.get(made_from)
        if known is None:
            return None
        self._kept.move_to_end(made_from)
        return json_answer(known[0])

    def keep(self, made_from: Hashable, model: BaseModel, alive: object = None) -> web.Response:
        """`alive` is what must not be freed while its identity is part of `made_from`."""
        body = model.model_dump_json().encode()
        self._kept[made_from] = (body, alive)
        if len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)
        return json_answer(body)


def json_answer(body: bytes) -> web.Response:
    """Of JSON that is written already, in UTF-8."""
    return web.Response(body=body, content_type="application/json", charset="utf-8")


def problem_answer(problem: ProblemError) -> web.Response:
    title = HTTPStatus(problem.status).phrase
    document = Problem(code=problem.code, title=title, status=problem.status, detail=problem.detail)
    return web.Response(
        text=document.model_dump_json(),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def problem_of_source(error: SourceError) -> ProblemError:
    status = SOURCE_STATUSES.get(error.code, UNFIT)
    headers = {"Retry-After": "60"} if status in (429, 503) else None
    return ProblemError(status, error.code, error.detail, headers)


async def read_body(request: web.Request, model: type[Model]) -> Model:
    if request.content_type != "application/json":
        raise ProblemError(415, "bad-request", "Send JSON with Content-Type: application/json.")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise _problem_of(error) from error


def read_query(request: web.Request, model: type[Model]) -> Model:
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _problem_of(error) from error


def _problem_of(error: ValidationError) -> ProblemError:
    """Names the field and what is wrong with it, never what was sent."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "the body"
    code = "bad-sdp" if where in ("sdp", "type") else "bad-request"
    return ProblemError(400, code, f"{where}: {_reason(first)}")


def _reason(error: ErrorDetails) -> str:
    if error["type"].endswith("too_long"):
        return f"at most {error['ctx']['max_length']} characters"
    if error["type"].endswith("too_short"):
        return f"at least {error['ctx']['min_length']} character"
    return error["msg"]
