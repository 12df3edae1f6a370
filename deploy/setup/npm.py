"""`python -m deploy.setup.npm ARGUMENTS`: npm in frontend/, also where Node came by pip."""

import sys

from deploy.setup.errors import SetupError
from deploy.setup.node import find_node
from deploy.setup.steps import FRONTEND, PYTHON


def main(arguments: list[str]) -> int:
    try:
        find_node(PYTHON).npm(*arguments, cwd=FRONTEND, show=True)
    except SetupError as error:
        print(f"voicejury: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
