"""`python -m deploy.setup base|dev|full|system`: what the Makefile calls."""

import sys
from collections.abc import Callable
from functools import partial

from deploy.setup import full, steps, system
from deploy.setup.errors import SetupError

TARGETS: dict[str, Callable[[], None]] = {
    "base": partial(steps.prepare, "base"),
    "dev": partial(steps.prepare, "dev"),
    "full": full.full,
    "system": system.install_missing,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in TARGETS:
        print(f"usage: python -m deploy.setup {'|'.join(TARGETS)}", file=sys.stderr)
        return 2
    try:
        TARGETS[arguments[0]]()
    except SetupError as error:
        print(f"voicejury: {error}.\n  Remedy: {error.remedy}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
