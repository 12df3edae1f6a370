"""/openapi.json, made from the route table and the models, so it cannot drift from them."""

import json
import re
from functools import cache
from importlib.metadata import version
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from signaling.routes.schemas import Problem
from signaling.routes.table import ROUTES, Route

PATH = "/openapi.json"
REFERENCE = "#/components/schemas/{model}"
PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")


async def openapi(_request: web.Request) -> web.Response:
    return web.Response(body=document_json(), content_type="application/json", charset="utf-8")


@cache
def document_json() -> bytes:
    """The table does not change while the process runs."""
    return json.dumps(document()).encode()


def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(documented_path(route.path), {})[route.method.lower()] = _operation(route)
    paths[PATH] = {"get": {"summary": "This document.", "responses": {"200": _content("application/json", None)}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "voicejury", "version": version("voicejury")},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def documented_path(path: str) -> str:
    return PARAMETER.sub(r"{\1}", path)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            str(route.status): _content(route.media_type, route.reply),
            **{str(status): _content("application/problem+json", Problem) for status in route.problems},
        },
    }
    if route.body is not None:
        content = _content(route.body_type, route.body)["content"]
        operation["requestBody"] = {"required": route.body_required, "content": content}
    if route.session:
        operation["security"] = [{"session": []}]
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = PARAMETER.findall(route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    properties = route.query.model_json_schema(ref_template=REFERENCE)["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]


def _content(media_type: str, model: type[BaseModel] | None) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model.__name__)} if model is not None else {}
    return {"description": (model.__doc__ or "") if model else "", "content": {media_type: {"schema": schema}}}


def _schemas() -> dict[str, Any]:
    models = {model for route in ROUTES for model in (route.reply, route.body) if model is not None} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in ordered], ref_template=REFERENCE)
    found: dict[str, Any] = definitions["$defs"]
    return found
