"""`python -m signaling`."""

import asyncio
import logging
import ssl
import sys

from aiohttp import web
from pydantic import ValidationError
from voicejury.lifecycle import observe, run

from signaling.app import build_app
from signaling.config import Settings

SHUTDOWN_S = 1.0  # open event streams are cut after this; the supervisor kills after 2.5 s


def main() -> None:
    observe("signaling")
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(str(step) for step in problem["loc"]).upper()
            sys.stderr.write(f"setting VOICEJURY_{name}: {problem['msg']}\n")
        sys.exit(2)
    run(serve(settings))


async def serve(settings: Settings) -> None:
    runner = web.AppRunner(build_app(settings), access_log=None, shutdown_timeout=SHUTDOWN_S)
    try:
        await runner.setup()
        site = web.TCPSite(runner, settings.host, settings.port, ssl_context=_tls(settings))
        await site.start()
        logging.getLogger(__name__).info("listening on %s port %d", settings.host, settings.port)
        await asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


if __name__ == "__main__":
    main()
