"""What this installation can do, and what is missing for the rest."""

import grpc
from aiohttp import web
from voicejury.v1 import reference_pb2

from signaling.preparing.calls import NOT_SET_UP
from signaling.routes.answers import answer
from signaling.routes.schemas_preparing import AbilitiesReply, Ability, UploadLimits
from signaling.services import SERVICES, Services

WAIT_S = 5.0
OF_THE_REFERENCE_SERVICE = ("separation", "word-times", "whisper")


async def abilities(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    found = [_search(services), await _youtube(services), _lyrics(services), *await _reference(services)]
    settings = services.settings
    limits = UploadLimits(bytes=settings.max_upload_bytes, duration_s=settings.max_source_s)
    return answer(AbilitiesReply(abilities=found, upload_limits=limits))


async def _youtube(services: Services) -> Ability:
    found = await services.making.versions.ability(WAIT_S)
    return Ability(name="youtube", is_there=found.is_there, detail=found.detail)


def _search(services: Services) -> Ability:
    settings = services.settings
    has_keys = bool(settings.spotify_client_id.get_secret_value() and settings.spotify_client_secret.get_secret_value())
    names = [*(["Spotify"] if has_keys else []), *(["YouTube"] if services.youtube is not None else []), "catalogue"]
    return Ability(name="search", is_there=True, detail=", ".join(names))


def _lyrics(services: Services) -> Ability:
    genius = ", Genius" if services.settings.genius_token.get_secret_value() else ""
    return Ability(name="lyrics", is_there=True, detail=f"LRCLIB{genius}, the song's own file")


async def _reference(services: Services) -> list[Ability]:
    if not services.reference.is_set_up:
        return [Ability(name=name, is_there=False, detail=NOT_SET_UP) for name in OF_THE_REFERENCE_SERVICE]
    try:
        found = {one.name: one for one in await services.reference.abilities()}
    except grpc.aio.AioRpcError as error:
        detail = f"the reference service does not answer ({error.code().name}); it is started again by itself"
        return [Ability(name=name, is_there=False, detail=detail) for name in OF_THE_REFERENCE_SERVICE]
    missing = "this version of the reference service does not tell"
    return [
        Ability(name=name, is_there=name in found and found[name].is_there, detail=_detail(found, name, missing))
        for name in OF_THE_REFERENCE_SERVICE
    ]


def _detail(found: dict[str, reference_pb2.Ability], name: str, missing: str) -> str:
    return found[name].detail if name in found else missing
