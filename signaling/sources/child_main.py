"""The child's side: reads its job, takes its limits, answers in events. Imports nothing heavy."""

import errno
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, TextIO

from signaling.errors import SourceError

NICENESS = 10  # singers come first
Tell = Callable[[dict[str, Any]], None]
Work = Callable[[dict[str, Any], Tell], dict[str, Any]]


def serve(work: Work) -> None:
    """Runs `work(job, tell)`; what it returns is the `done` event. Whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = json.loads(sys.stdin.readline())
    _limit(job["limits"])
    try:
        last = {"event": "done", **work(job, lambda event: _tell(answers, event))}
    except SourceError as error:
        last = _error(error)
    except OSError as error:
        last = _error(of_os_error(error) or SourceError("service-failed", "The work on this recording broke off."))
    except MemoryError:
        last = _error(SourceError("too-large", "This recording wants more memory than is allowed."))
    _tell(answers, last)


def of_os_error(error: BaseException) -> SourceError | None:
    """A full disk and a file over its limit have their own codes."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return SourceError("disk-full", "The disk of this installation is full; free some space, then try again.")
    if number == errno.EFBIG:
        return SourceError("too-large", "This recording is larger than this installation takes.")
    return None


def _limit(limits: dict[str, Any]) -> None:
    os.nice(NICENESS)
    for kind, most in (
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_DATA, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _tell(answers: TextIO, event: dict[str, Any]) -> None:
    answers.write(json.dumps(event) + "\n")
    answers.flush()


def _error(error: SourceError) -> dict[str, Any]:
    return {"event": "error", "code": error.code, "detail": error.detail}
