"""The built page: its files, and index.html for every address that is a view of it."""

import re
from pathlib import Path

from aiohttp import web

from signaling.errors import ProblemError
from signaling.services import SETTINGS

ROOT_FILE = re.compile(r"/([A-Za-z0-9][A-Za-z0-9._-]{0,99})")
IMMUTABLE = "public, max-age=31536000, immutable"  # names of assets carry a hash
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>voicejury</title>
<h1>The page is not built</h1><p>Run <code>make setup</code> in the project's folder, then reload.</p></html>"""


async def asset(request: web.Request) -> web.StreamResponse:
    folder = (request.app[SETTINGS].page_dir / "assets").resolve()
    name = request.match_info["name"]
    path = (folder / name).resolve() if name.isprintable() else folder
    if not path.is_relative_to(folder) or not path.is_file():
        raise ProblemError(404, "not-found", "The page has no such file.", {"Cache-Control": "no-store"})
    return web.FileResponse(path, headers={"Cache-Control": IMMUTABLE})


async def index(request: web.Request) -> web.StreamResponse:
    return page_answer(request.app[SETTINGS].page_dir, request.path)


def page_answer(page_dir: Path, path: str) -> web.StreamResponse:
    """A file of the page's root by its name, and index.html for everything else."""
    if (name := ROOT_FILE.fullmatch(path)) is not None:
        file = page_dir / name.group(1)
        if file.is_file() and not file.is_symlink():
            return web.FileResponse(file, headers={"Cache-Control": "no-cache"})
    document = page_dir / "index.html"
    if not document.is_file():
        return web.Response(status=503, text=NOT_BUILT, content_type="text/html", headers={"Cache-Control": "no-store"})
    return web.FileResponse(document, headers={"Cache-Control": "no-cache"})
