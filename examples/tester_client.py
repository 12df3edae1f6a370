"""Talks to the judges of a running house with files, over gRPC: pitch, score, align, sing.

    TOKEN=$(voicejury token --ttl 1h)
    python examples/tester_client.py --token $TOKEN pitch take.wav
    python examples/tester_client.py --token $TOKEN score take.wav --song demo --level strict
    python examples/tester_client.py --token $TOKEN align take.wav --reference original.wav
    python examples/tester_client.py --token $TOKEN sing take.wav --song demo

Addresses come from `run.json` in the data folder, or by --live and --analysis. Everything is printed as JSON.
It needs the package `voicejury` (the contract), grpcio, soundfile and soxr; see docs/testers.md.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import soundfile
import soxr
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from google.protobuf.message import Message
from numpy.typing import NDArray
from voicejury.v1 import audio_pb2, live_pb2, live_pb2_grpc, song_pb2, tester_pb2, tester_pb2_grpc

RATE_HZ = 16_000
PIECE_SAMPLES = 320  # 20 ms, as a phone sends it
MAX_MESSAGE_BYTES = 40 * 1024 * 1024
TIMEOUT_S = 300.0
SESSION = "example"
KEYS = {"level": "KEY_MODE_LEVEL", "free": "KEY_MODE_FREE", "fixed": "KEY_MODE_FIXED"}

Pcm = NDArray[np.int16]


class ExampleError(Exception):
    """What a person has to mend."""


def main() -> int:
    arguments = parser().parse_args()
    try:
        for message in {"pitch": pitch, "score": score, "align": align, "sing": sing}[arguments.command](arguments):
            print(json.dumps(message, ensure_ascii=False), flush=True)
    except ExampleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except grpc.RpcError as error:  # the status names what the judge does not accept
        print(f"error: {error.code().name}: {error.details()}", file=sys.stderr)
        return 1
    return 0


def pitch(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One line per frame."""
    request = tester_pb2.TrackPitchRequest(
        audio_file=content(arguments.file), model=arguments.model, live=arguments.live_engine
    )
    track = tester(arguments).TrackPitch(request, metadata=metadata(arguments), timeout=TIMEOUT_S)
    for number, (f0_hz, periodicity) in enumerate(zip(track.f0_hz, track.periodicity, strict=True)):
        time_s = track.first_s + number * track.hop_s
        yield {"time_s": round(time_s, 3), "f0_hz": round(f0_hz, 2), "periodicity": round(periodicity, 3)}


def score(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The whole verdict, on one line."""
    request = tester_pb2.ScoreTakeRequest(
        audio_file=content(arguments.file),
        level=live_pb2.Level.Value(f"LEVEL_{arguments.level.upper()}"),
        key=tester_pb2.KeyMode.Value(KEYS[arguments.key]),
        language=arguments.language,
        model=arguments.model,
        heard=content(arguments.heard).decode() if arguments.heard else None,
        route_latency_s=arguments.route_latency,
        **against(arguments),
    )
    yield as_json(tester(arguments).ScoreTake(request, metadata=metadata(arguments), timeout=TIMEOUT_S))


def align(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Key, latency, clock, path and onsets, on one line."""
    request = tester_pb2.AlignRequest(
        audio_file=content(arguments.file),
        level=live_pb2.Level.Value(f"LEVEL_{arguments.level.upper()}"),
        key=tester_pb2.KeyMode.Value(KEYS[arguments.key]),
        model=arguments.model,
        **against(arguments),
    )
    yield as_json(tester(arguments).Align(request, metadata=metadata(arguments), timeout=TIMEOUT_S))


def sing(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Each judgement of the live judge as it comes; in real time unless --fast."""
    live = live_pb2_grpc.LiveServiceStub(channel(arguments, "live"))
    inputs = sung_inputs(samples(arguments.file), read_song(arguments), arguments.fast)
    requests = (live_pb2.SingRequest(inputs=[message]) for message in inputs)
    for reply in live.Sing(requests, metadata=metadata(arguments), timeout=TIMEOUT_S):
        for judgement in reply.judgements:
            yield as_json(judgement)


def sung_inputs(pcm: Pcm, song: song_pb2.Song, fast: bool) -> Iterator[live_pb2.SingerInput]:
    """A take as a phone's: start, the clock's anchor, pieces of 20 ms, end."""
    yield live_pb2.SingerInput(start=live_pb2.SingStart(session_id=SESSION, song=song))
    anchor = audio_pb2.ClockAnchor(session_id=SESSION, sample=0, song_s=0.0, playing=True)
    yield live_pb2.SingerInput(anchor=anchor)
    started_s = time.monotonic()
    for seq, first in enumerate(range(0, len(pcm), PIECE_SAMPLES)):
        if not fast:
            time.sleep(max(0.0, started_s + first / RATE_HZ - time.monotonic()))
        piece = pcm[first : first + PIECE_SAMPLES].tobytes()
        chunk = audio_pb2.PcmChunk(
            session_id=SESSION, seq=seq, first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=piece
        )
        yield live_pb2.SingerInput(audio=chunk)
    yield live_pb2.SingerInput(end=live_pb2.SingEnd(session_id=SESSION))


def tester(arguments: argparse.Namespace) -> tester_pb2_grpc.TesterServiceStub:
    return tester_pb2_grpc.TesterServiceStub(channel(arguments, "analysis"))


def channel(arguments: argparse.Namespace, role: str) -> grpc.Channel:
    """To the judge of a role; its address by the command line or the house's run.json."""
    address = getattr(arguments, role)
    if not address:
        try:
            address = json.loads((arguments.data_dir / "run.json").read_text())[f"grpc_{role}"]
        except (OSError, ValueError, KeyError) as error:
            raise ExampleError(f"no house runs on {arguments.data_dir}: give --{role} HOST:PORT") from error
    return grpc.insecure_channel(
        address,
        options=[
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ],
    )


def metadata(arguments: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    if not arguments.token:
        raise ExampleError("no token: give --token, or VOICEJURY_TOKEN; `voicejury token` prints one")
    return (("authorization", f"Bearer {arguments.token}"),)


def against(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the take is held against: a song of the house, or a solo voice."""
    if arguments.reference:
        return {"reference_audio_file": content(arguments.reference)}
    return {"song": read_song(arguments)}


def read_song(arguments: argparse.Namespace) -> song_pb2.Song:
    if not arguments.song:
        raise ExampleError("give --song (an id, or a song.json)")
    is_path = arguments.song.endswith(".json")
    path = Path(arguments.song) if is_path else arguments.data_dir / "songs" / arguments.song / "song.json"
    try:
        return Parse(content(path), song_pb2.Song())
    except ParseError as error:
        raise ExampleError(f"{path} is no song: {error}") from error


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExampleError(f"{path}: {error.strerror}") from error


def samples(path: Path) -> Pcm:
    """16 kHz, mono, 16 bit."""
    try:
        sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ExampleError(f"{path}: {error}") from error
    mono = soxr.resample(sound.mean(axis=1), rate_hz, RATE_HZ)
    return np.asarray(np.round(32_767 * np.clip(mono, -1, 1)), "<i2")


def as_json(message: Message) -> dict[str, Any]:
    """Names as in the contract, zeros written out."""
    document: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return document


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--token", default=os.environ.get("VOICEJURY_TOKEN", ""))
    top.add_argument("--data-dir", type=Path, default=Path("data"), help="of the running house")
    top.add_argument("--live", help="HOST:PORT of the live judge")
    top.add_argument("--analysis", help="HOST:PORT of the analysis")
    commands = top.add_subparsers(dest="command", required=True)
    for name in ("pitch", "score", "align", "sing"):
        command = commands.add_parser(name)
        command.add_argument("file", type=Path)
        if name != "sing":
            command.add_argument("--model", default="", choices=["", "tiny", "full", "swift-f0"])
        if name != "pitch":
            command.add_argument("--song", default="", help="an id of the house, or a song.json")
        if name in ("score", "align"):
            command.add_argument("--reference", type=Path, help="a solo voice instead of a song")
            command.add_argument("--level", default="normal", choices=["kind", "normal", "strict"])
            command.add_argument("--key", default="level", choices=list(KEYS))
    commands.choices["pitch"].add_argument("--live-engine", action="store_true", help="every 20 ms, as live")
    commands.choices["score"].add_argument("--language", default="fr", choices=["fr", "en"])
    commands.choices["score"].add_argument("--heard", type=Path, help="a transcript instead of the recogniser")
    commands.choices["score"].add_argument("--route-latency", type=float, help="seconds, where it was calibrated")
    commands.choices["sing"].add_argument("--fast", action="store_true", help="not in real time")
    return top


if __name__ == "__main__":
    sys.exit(main())
