"""Every route of the service: the app and /openapi.json are both made from this table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from signaling.routes import (
    abilities,
    events,
    health,
    history,
    judging,
    lyrics,
    page,
    recording,
    schemas,
    schemas_judging,
    schemas_lyrics,
    schemas_preparing,
    schemas_recording,
    schemas_search,
    schemas_sources,
    schemas_studio,
    schemas_word_times,
    search,
    sessions,
    songs,
    starting,
    studio,
    uploads,
    word_times,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    summary: str
    status: int = 200
    reply: type[BaseModel] | None = None
    media_type: str = "application/json"
    body: type[BaseModel] | None = None
    body_type: str = "application/json"
    body_required: bool = True
    query: type[BaseModel] | None = None
    session: bool = False  # wants the token of the session in the path
    problems: tuple[int, ...] = ()


OF_A_SESSION = (401, 403, 404)
ROUTES = (
    Route("POST", "/api/session/start", starting.start, "Begin a session.", 201, schemas.StartReply,
          body=schemas_preparing.StartRequest, problems=(400, 404, 413, 415, 422, 429, 502, 503)),
    Route("POST", "/api/session/fallback-source", starting.fallback_source, "Another source for an unsung session.",
          202, schemas_preparing.FallbackReply, body=schemas_preparing.FallbackRequest,
          problems=(400, *OF_A_SESSION, 409, 415, 422, 429, 503)),
    Route("POST", "/api/session/{id}/offer", sessions.offer, "Offer a peer, get its answer.", 200, schemas.OfferReply,
          body=schemas.OfferRequest, session=True, problems=(400, *OF_A_SESSION, 409, 413, 415, 429, 503)),
    Route("POST", "/api/session/{id}/end", sessions.end, "End the singing; safe to repeat.", 202, schemas.EndReply,
          body=schemas_recording.EndRequest, body_required=False, session=True,
          problems=(400, *OF_A_SESSION, 413, 415, 429)),
    Route("POST", "/api/session/{id}/analyze", judging.analyze, "Judge the take now, or again where that failed.",
          202, schemas.EndReply, session=True, problems=(*OF_A_SESSION, 409, 429)),
    Route("GET", "/api/session/{id}/analysis-status", judging.analysis_status, "How far the judging is.", 200,
          schemas_judging.AnalysisStatus, session=True, problems=OF_A_SESSION),
    Route("GET", "/api/session/{id}/missing", recording.missing, "What of a closed take was not received.", 200,
          schemas_recording.MissingReply, session=True, problems=(*OF_A_SESSION, 409, 429, 503)),
    Route("POST", "/api/session/{id}/upload-recording", recording.upload_recording,
          "Fill what is missing with what the phone recorded.", 200, schemas_recording.RecordingReply,
          body=schemas_recording.RecordingUpload, body_type="application/x-protobuf", session=True,
          problems=(400, *OF_A_SESSION, 408, 409, 413, 415, 429, 503, 507)),
    Route("GET", "/api/session/{id}/status", sessions.status, "Where a session stands.", 200, schemas.StatusReply,
          session=True, problems=OF_A_SESSION),
    Route("GET", "/api/session/{id}/song", sessions.sung_song, "The song as this session sings it.", 200,
          schemas.SongDocument, session=True, problems=(*OF_A_SESSION, 409)),
    Route("GET", "/api/session/{id}/results", sessions.results, "The verdict.", 200, schemas.VerdictDocument,
          session=True, problems=(*OF_A_SESSION, 409)),
    Route("GET", "/api/session/{id}/events", events.session_events,
          "state, progress, scores, juror, verdict and error as they happen.", media_type="text/event-stream",
          session=True, problems=(*OF_A_SESSION, 429)),
    Route("GET", "/api/songs", songs.list_songs, "All songs.", 200, schemas.SongList),
    Route("GET", "/api/songs/{id}", songs.one_song, "One song, with its notes.", 200, schemas.SongDocument,
          problems=(404,)),
    Route("GET", "/api/songs/{id}/audio", songs.song_audio, "The backing.", media_type="audio/*", problems=(404,)),
    Route("GET", "/api/songs/{id}/guide", songs.song_guide, "A guide voice.", media_type="audio/*", problems=(404,)),
    Route("GET", "/api/songs/{id}/audio/light", songs.song_audio_light, "The backing as Ogg Opus.",
          media_type="audio/ogg", problems=(404, 503)),
    Route("GET", "/api/songs/{id}/guide/light", songs.song_guide_light, "The guide voice as Ogg Opus.",
          media_type="audio/ogg", problems=(404, 503)),
    Route("GET", "/api/songs/{id}/cover", songs.song_cover, "The cover.", media_type="image/*", problems=(404,)),
    Route("POST", "/api/uploads", uploads.upload, "Upload a recording, or a karaoke pair.", 201,
          schemas_sources.UploadReply, body=schemas_sources.UploadForm, body_type="multipart/form-data",
          problems=(400, 408, 413, 415, 422, 429, 507)),
    Route("GET", "/api/sources", uploads.sources, "Recordings of a track, the best first.", 200,
          schemas_sources.CandidatesReply, query=schemas_sources.SourcesQuery,
          problems=(400, 404, 422, 429, 502, 503)),
    Route("GET", "/api/lyrics/word-timestamps/{id}", word_times.word_times, "When each word of a track is sung.", 200,
          schemas_word_times.WordTimesReply, problems=(404,)),
    Route("POST", "/api/lyrics/word-timestamps/generate", word_times.generate, "Time the words of a track.", 202,
          schemas_word_times.GenerateReply, body=schemas_word_times.GenerateRequest,
          problems=(400, 404, 413, 415, 429, 502, 503)),
    Route("GET", "/api/lyrics/word-timestamps/task/{id}", word_times.task, "How far the timing of words is.", 200,
          schemas_word_times.WordTaskReply, problems=(404,)),
    Route("GET", "/api/audio/{id}/tracks", studio.tracks, "The sounds of a session.", 200, schemas_studio.TracksReply,
          session=True, problems=OF_A_SESSION),
    Route("GET", "/api/audio/{id}/{owner}/{name}", studio.audio,
          "The take (user) or the song (ref): vocals, instrumentals or original.", media_type="audio/*", session=True,
          problems=(*OF_A_SESSION, 409, 410, 507)),
    Route("GET", "/api/results/history", history.history, "Past takes; with song_id also the leaderboard.", 200,
          schemas.HistoryReply, query=schemas.HistoryQuery, problems=(400,)),
    Route("GET", "/api/search/tracks", search.search_tracks, "Songs by title: own ones, Spotify's or YouTube's.", 200,
          schemas_search.SearchReply, query=schemas_search.SearchQuery, problems=(400, 429)),
    Route("GET", "/api/search/tracks/{id}", search.one_track, "One track that a search found.", 200,
          schemas_search.FoundTrack, problems=(404, 429, 503)),
    Route("GET", "/api/search/tracks/{id}/cover", search.track_cover, "Its cover.", media_type="image/*",
          problems=(404, 429, 503)),
    Route("GET", "/api/search/recent", search.recent_searches, "The last searches.", 200, schemas_search.RecentReply),
    Route("GET", "/api/lyrics/track/{id}", lyrics.track_lyrics, "The words of a track.", 200,
          schemas_lyrics.LyricsReply, query=schemas_lyrics.LyricsQuery, problems=(400, 404, 429, 503)),
    Route("GET", "/api/session/{id}/lyrics", lyrics.session_lyrics, "The words as this session sings them.", 200,
          schemas_lyrics.SessionLyricsReply, session=True, problems=(*OF_A_SESSION, 409, 429, 503)),
    Route("GET", "/api/session/{id}/lyrics-offset", lyrics.lyrics_offset, "How far the words lie from the audio.", 200,
          schemas_lyrics.OffsetReply, session=True, problems=(*OF_A_SESSION, 409, 429, 503)),
    Route("POST", "/api/session/{id}/lyrics-offset", lyrics.set_lyrics_offset, "Move the words.", 200,
          schemas_lyrics.OffsetReply, body=schemas_lyrics.OffsetRequest, session=True,
          problems=(400, *OF_A_SESSION, 409, 415, 429, 503)),
    Route("GET", "/api/abilities", abilities.abilities, "What can be done here, and what is missing.", 200,
          schemas_preparing.AbilitiesReply),
    Route("GET", "/health", health.health, "Is everything there?", 200, schemas.HealthReply, problems=(503,)),
    Route("GET", "/metrics", health.metrics, "Figures for Prometheus.", media_type="text/plain"),
    Route("GET", "/", page.index, "The page.", media_type="text/html"),
    Route("GET", "/assets/{name:.+}", page.asset, "A file of the page.", media_type="*/*"),
)  # fmt: skip
