"""`python -m media_server`."""

import logging
import sys

from pydantic import ValidationError
from voicejury.lifecycle import observe, run

from media_server.config import Settings
from media_server.errors import StartupError
from media_server.server import serve


def main() -> int:
    observe("media_server")
    try:
        run(serve(Settings()))
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "VOICEJURY_" + "_".join(str(part) for part in problem["loc"]).upper()
            logging.getLogger(__name__).error("%s: %s", name, problem["msg"])
        return 2
    except StartupError as error:
        logging.getLogger(__name__).error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
