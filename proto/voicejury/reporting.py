"""Errors of a process for Sentry, where VOICEJURY_SENTRY_DSN is set: what broke and where, never with what.

An event holds the error's type, the functions it came through and the log line before its values were filled in. No
text of an error (it may hold a title or an address), no variables, no requests, no addresses, no breadcrumbs.
"""

import logging
import os
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

DSN = "VOICEJURY_SENTRY_DSN"
CLOSE_S = 0.5
FRAME = ("function", "module", "filename", "lineno", "in_app")
KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "sdk")

_is_on = False


def set_up(service: str) -> None:
    """Only an operator's setting turns it on; the SDK's own defaults are all off."""
    global _is_on
    dsn = os.environ.get(DSN, "")
    if not dsn or _is_on:
        return
    import sentry_sdk
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration

    def scrub(event: "Event", _hint: "Hint") -> "Event":
        return cast("Event", scrubbed(dict(event), service))

    sentry_sdk.init(
        dsn=dsn,
        before_send=scrub,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
        ],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        auto_session_tracking=False,
        send_client_reports=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        server_name="",
        shutdown_timeout=CLOSE_S,
        debug=False,
    )
    _is_on = True


def scrubbed(event: dict[str, Any], service: str) -> dict[str, Any]:
    """What is kept of an event; anything that is not named here is left out."""
    kept = {name: event[name] for name in KEPT if name in event}
    kept["tags"] = {"service": service}
    if template := (event.get("logentry") or {}).get("message"):
        kept["logentry"] = {"message": template}
    if values := (event.get("exception") or {}).get("values"):
        kept["exception"] = {"values": [_bare(value) for value in values]}
    return kept


def shut_down() -> None:
    """Sends what is left, CLOSE_S at most."""
    global _is_on
    if _is_on:
        import sentry_sdk

        sentry_sdk.get_client().close(timeout=CLOSE_S)
        _is_on = False


def _bare(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    found: dict[str, Any] = {name: exception[name] for name in ("type", "module") if name in exception}
    found["stacktrace"] = {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]}
    return found
