"""The five services of one machine: how each is started, where it listens, how it is asked for its health."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from deploy.standalone.health import GrpcHealth, HealthCheck, PageHealth
from deploy.standalone.ports import LOOPBACK, free_port


@dataclass(frozen=True)
class Tls:
    """Files in PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Settings:
    """What the user chose, checked."""

    data_dir: Path
    host: str
    port: int
    secret: str = field(repr=False)
    tls: Tls | None = None
    media_address: str = LOOPBACK

    @property
    def url(self) -> str:
        host = {"0.0.0.0": LOOPBACK, "::": "[::1]"}.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


@dataclass(frozen=True)
class Service:
    """One child process."""

    name: str  # as in run.json and the log's name
    arguments: tuple[str, ...]  # after `python -m`
    environment: Mapping[str, str] = field(repr=False)
    health: HealthCheck
    is_needed: bool = True  # without it nobody can sing; another is started again and again, and not waited for


@dataclass(frozen=True)
class Addresses:
    """gRPC, on loopback only."""

    media: str
    live: str
    analysis: str
    reference: str


def choose_addresses() -> Addresses:
    taken: set[int] = set()
    for _ in range(len(fields(Addresses))):
        taken.add(free_port(frozenset(taken)))
    return Addresses(*(f"{LOOPBACK}:{port}" for port in sorted(taken)))


def services(settings: Settings, addresses: Addresses) -> tuple[Service, ...]:
    """In the order in which they are stopped: nobody loses what stands behind it while it still works."""
    common = _common_environment(settings, addresses)
    page = {"VOICEJURY_HOST": settings.host, "VOICEJURY_PORT": str(settings.port)}
    if settings.tls:
        page |= {"VOICEJURY_TLS_CERT": str(settings.tls.certificate), "VOICEJURY_TLS_KEY": str(settings.tls.key)}
    certificate = settings.tls.certificate if settings.tls else None
    return (
        Service("signaling", ("signaling",), common | page, PageHealth(settings.url, certificate)),
        Service(
            "media_server",
            ("media_server",),
            common | {"VOICEJURY_LISTEN": addresses.media, "VOICEJURY_MEDIA_ADDRESSES": settings.media_address},
            GrpcHealth(addresses.media),
        ),
        Service(
            "live",
            ("inference", "--role", "live"),
            common | {"VOICEJURY_LISTEN": addresses.live},
            GrpcHealth(addresses.live),
        ),
        Service(
            "analysis",
            ("inference", "--role", "analysis"),
            common | {"VOICEJURY_LISTEN": addresses.analysis},
            GrpcHealth(addresses.analysis),
        ),
        Service(
            "reference",
            ("inference", "--role", "reference"),
            common | {"VOICEJURY_LISTEN": addresses.reference},
            GrpcHealth(addresses.reference),
            is_needed=False,
        ),
    )


def _common_environment(settings: Settings, addresses: Addresses) -> dict[str, str]:
    data_dir = settings.data_dir
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "VOICEJURY_SECRET": settings.secret,
        "VOICEJURY_DATA_DIR": str(data_dir),
        "VOICEJURY_AUDIO_URL": os.environ.get("VOICEJURY_AUDIO_URL") or (data_dir / "takes").as_uri(),
        "VOICEJURY_STEMS_URL": os.environ.get("VOICEJURY_STEMS_URL") or (data_dir / "stems").as_uri(),
        "VOICEJURY_MEDIA_URL": addresses.media,
        "VOICEJURY_LIVE_URL": addresses.live,
        "VOICEJURY_ANALYSIS_URL": addresses.analysis,
        "VOICEJURY_REFERENCE_URL": addresses.reference,
        "VOICEJURY_SUPERVISED": str(os.getpid()),
    }


def command(service: Service) -> list[str]:
    return [sys.executable, "-m", *service.arguments]
