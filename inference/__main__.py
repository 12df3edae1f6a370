"""`python -m inference --role live|analysis|reference`"""

import argparse
import logging
import os
import sys

from pydantic import ValidationError
from voicejury.lifecycle import observe, run

ANALYSIS_NICENESS = 10  # live singers go first; the reference service sets its workers back by itself
LIVE_SWITCH_S = 0.001  # the judge's thread and the event loop wait for each other 5 ms by default
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def spare_cores() -> int:
    """All but the one that live singers keep."""
    return max(1, (os.cpu_count() or 2) - 1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m inference", description="The judge of one role, over gRPC.")
    parser.add_argument("--role", choices=["live", "analysis", "reference"], required=True)
    role = parser.parse_args().role
    if role == "reference":
        os.environ.setdefault("OMP_NUM_THREADS", str(spare_cores()))
        os.environ.setdefault("MKL_NUM_THREADS", str(spare_cores()))
    for variable in ONE_THREAD:  # before numpy and numba are imported
        os.environ.setdefault(variable, "1")
    if role == "analysis" and hasattr(os, "nice"):
        os.nice(ANALYSIS_NICENESS)
    if role == "live":
        sys.setswitchinterval(LIVE_SWITCH_S)
    observe(f"inference-{role}")

    from inference.service.config import Settings
    from inference.service.server import Role, ServerFailedError, serve

    try:
        settings = Settings()
    except ValidationError as error:
        problems = "; ".join(f"VOICEJURY_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        sys.stderr.write(f"wrong settings: {problems}\n")
        return 2
    try:
        run(serve(Role(role), settings))
    except ServerFailedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # a network that still computes is not waited for; verdicts are written whole or not at all
