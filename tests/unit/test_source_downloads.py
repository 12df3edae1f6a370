"""Downloads by the real yt-dlp from a site on loopback: limits, progress, and each way to fail."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from yt_dlp.utils import DownloadError

from signaling.errors import SourceError
from signaling.preparing import versions
from signaling.preparing.versions import Versions
from signaling.sources.model import Wanted
from signaling.sources.youtube import YouTube, find_node, video_id_of
from signaling.sources.youtube_errors import as_source_error
from tests.contract.signaling_stage import until
from tests.support.recording_site import Site, recording_site, youtube_at
from tests.support.small_disk import small_disk
from tests.support.sounds import write_sound

VIDEO_ID = "dQw4w9WgXcQ"


SAMPLE_AES = (
    b'#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"\n#EXTINF:4,\npiece.ts\n#EXT-X-ENDLIST\n'
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with recording_site() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "originals"
    found.mkdir()
    return found


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def full_soon(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o700)


async def refusal(youtube: YouTube, url: str, folder: Path) -> SourceError:
    """The error of a fetch that has to fail, once nothing of it is left."""
    with pytest.raises(SourceError) as refused:
        await youtube.fetch_url(url, folder, lambda *_: None)
    assert names(folder) == []
    assert refused.value.detail
    return refused.value


async def test_a_recording_arrives_whole_with_its_names_and_rising_progress(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    site.files["/good.ogg"] = write_sound(tmp_path / "good.ogg").read_bytes()
    told: list[tuple[float, float | None]] = []
    fetched = await youtube_at(site, tmp_path / "plugins").fetch_url(
        site.put("good", "/good.ogg", artists=["Her", "Him"], track="Our Song"),
        folder,
        lambda fraction, left_s: told.append((fraction, left_s)),
    )
    assert fetched.original == folder / f"{fetched.content_hash}.ogg"
    assert fetched.original.read_bytes() == site.files["/good.ogg"]
    assert (fetched.title, fetched.artist, fetched.uploader) == ("Our Song", "Her, Him", "The Singer")
    assert fetched.duration_s == pytest.approx(3.0, abs=0.1)
    assert told
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert names(folder) == [fetched.original.name]


async def test_only_the_sound_of_a_video_is_kept_where_there_is_no_sound_alone(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    video = write_sound(tmp_path / "both.mp4", codec="aac", muxer="mp4", picture=True)
    site.files["/both.mp4"] = video.read_bytes()
    both = {"format_id": "18", "url": f"{site.base}/both.mp4", "ext": "mp4", "vcodec": "mpeg4", "acodec": "aac"}
    url = site.put("both", "", formats=[both])
    fetched = await youtube_at(site, tmp_path / "plugins").fetch_url(url, folder, lambda *_: None)
    assert fetched.original is not None
    assert fetched.original.suffix == ".m4a"
    assert "picture" in fetched.note


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/x", 403, "video-blocked"),
        ("/x", 404, "video-unavailable"),
        ("/x", 429, "service-failed"),
        ("/x", 500, "service-failed"),
        ("/info/x", 503, "service-failed"),
    ],
)
async def test_the_status_of_a_site_becomes_a_code(
    site: Site, folder: Path, tmp_path: Path, path: str, status: int, code: str
) -> None:
    site.statuses[path] = status
    assert (await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/x"), folder)).code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Sign in to confirm you’re not a bot. This helps protect our community.", "video-blocked"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "video-blocked"),
        ("Private video. Sign in if you've been granted access to this video", "video-unavailable"),
        ("Video unavailable. This video has been removed by the uploader", "video-unavailable"),
        ("Join this channel to get access to members-only content like this video", "video-unavailable"),
        ("Something that nobody has ever read", "service-failed"),
    ],
)
def test_what_a_site_says_becomes_a_code_and_is_not_repeated(words: str, code: str) -> None:
    error = as_source_error(DownloadError(words))
    assert error.code == code
    assert words not in error.detail


async def test_the_bot_wall_is_told_as_such(site: Site, folder: Path, tmp_path: Path) -> None:
    site.infos["x"] = {"wall": "Sign in to confirm you’re not a bot. Use --cookies-from-browser"}
    assert (await refusal(youtube_at(site, tmp_path / "plugins"), site.url("x"), folder)).code == "video-blocked"


async def test_a_page_in_place_of_sound_is_not_taken(site: Site, folder: Path, tmp_path: Path) -> None:
    site.files["/page"] = b"<!doctype html><title>Consent</title>" + b"<p>please</p>" * 500
    error = await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/page"), folder)
    assert error.code == "not-audio"


async def test_a_recording_that_breaks_off_is_told_as_the_sites_fault(site: Site, folder: Path, tmp_path: Path) -> None:
    error = await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/cut"), folder)
    assert error.code == "service-failed"


async def test_a_site_that_drips_is_given_up_in_time_and_its_process_ended(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    youtube = youtube_at(site, tmp_path / "plugins", wall_s=3.0)
    async with asyncio.timeout(60):
        assert (await refusal(youtube, site.put("x", "/slow"), folder)).code == "service-failed"


async def test_an_endless_stream_stops_at_the_limit_of_size(site: Site, folder: Path, tmp_path: Path) -> None:
    youtube = youtube_at(site, tmp_path / "plugins", max_bytes=300_000)
    assert (await refusal(youtube, site.put("x", "/endless"), folder)).code == "too-large"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"duration": 61}, "too-long"),
        ({"is_live": True}, "source-refused"),
        ({"live_status": "is_upcoming"}, "source-refused"),
    ],
)
async def test_what_is_too_long_or_live_is_refused_before_the_download(
    site: Site, folder: Path, tmp_path: Path, facts: dict[str, object], code: str
) -> None:
    url = site.put("x", "/endless", **facts)
    assert (await refusal(youtube_at(site, tmp_path / "plugins"), url, folder)).code == code


async def test_a_list_of_videos_is_refused(site: Site, folder: Path, tmp_path: Path) -> None:
    site.put("a", "/a")
    site.infos["list"] = {"entries": ["a", "a"]}
    error = await refusal(youtube_at(site, tmp_path / "plugins"), site.url("list"), folder)
    assert error.code == "source-refused"


async def test_a_redirect_into_another_network_is_refused_at_the_connection(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    async with recording_site() as other:
        other.files["/secret.ogg"] = write_sound(tmp_path / "secret.ogg").read_bytes()
        site.elsewhere = f"{other.base}/secret.ogg"
        error = await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/elsewhere"), folder)
    assert error.code == "source-refused"


async def test_a_redirect_to_a_host_that_is_not_listed_is_refused_on_a_listed_address_too(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    site.files["/sound.ogg"] = write_sound(tmp_path / "sound.ogg").read_bytes()
    site.elsewhere = f"{site.base.replace('127.0.0.1', 'localhost')}/sound.ogg"
    error = await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/elsewhere"), folder)
    assert error.code == "source-refused"


async def test_no_program_is_started_for_a_download(
    site: Site, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, started = tmp_path / "programs", tmp_path / "started"
    for name in ("ffmpeg", "ffprobe", "avconv", "avprobe"):
        write_program(programs / name, f"#!/bin/sh\ntouch {started}\necho 'ffmpeg version 7.1'\n")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    site.files["/list.m3u8"] = SAMPLE_AES
    sound = {"format_id": "sound", "url": f"{site.base}/list.m3u8", "ext": "mp4", "protocol": "m3u8"}
    url = site.put("x", "/list.m3u8", formats=[sound])
    error = await refusal(youtube_at(site, tmp_path / "plugins"), url, folder)
    assert error.code == "service-failed"
    assert not started.exists()


async def test_a_site_that_is_not_there_is_no_network(site: Site, folder: Path, tmp_path: Path) -> None:
    async with recording_site() as gone:
        youtube = youtube_at(gone, tmp_path / "plugins")
        url = gone.put("x", "/x")
    assert (await refusal(youtube, url, folder)).code == "no-network"


async def test_a_cancelled_download_leaves_neither_file_nor_process(site: Site, folder: Path, tmp_path: Path) -> None:
    told = asyncio.Event()
    youtube = youtube_at(site, tmp_path / "plugins")
    fetching = asyncio.create_task(youtube.fetch_url(site.put("x", "/slow"), folder, lambda *_: told.set()))
    async with asyncio.timeout(90):
        await told.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert names(folder) == []


async def test_the_operators_cookies_are_used_and_left_as_they_were(site: Site, folder: Path, tmp_path: Path) -> None:
    site.files["/good.ogg"] = write_sound(tmp_path / "good.ogg").read_bytes()
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tkey\tvalue\n")
    before = jar.read_bytes(), jar.stat().st_mtime_ns
    youtube = youtube_at(site, tmp_path / "plugins", cookies=jar)
    await youtube.fetch_url(site.put("x", "/good.ogg"), folder, lambda *_: None)
    assert (jar.read_bytes(), jar.stat().st_mtime_ns) == before


async def test_a_disk_that_fills_in_mid_download_is_told_and_left_clean(
    site: Site, full_soon: Path, tmp_path: Path
) -> None:
    site.files["/large"] = os.urandom(3 * 1024**2)
    error = await refusal(youtube_at(site, tmp_path / "plugins"), site.put("x", "/large"), full_soon)
    assert error.code == "disk-full"
    assert shutil.disk_usage(full_soon).used == 0


async def test_a_disk_without_reserve_is_told_before_anything_is_asked(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    youtube = youtube_at(site, tmp_path / "plugins", reserve_bytes=2**62)
    assert (await refusal(youtube, site.put("x", "/endless"), folder)).code == "disk-full"


async def test_a_search_finds_versions_and_ranks_them_for_the_track(site: Site, tmp_path: Path) -> None:
    def hit(video_id: str, title: str, channel: str, duration: int | None, **more: object) -> dict[str, object]:
        url = f"{site.base}/watch/{video_id}"
        return {
            "_type": "url",
            "id": video_id,
            "url": url,
            "title": title,
            "channel": channel,
            "duration": duration,
            **more,
        }

    site.hits = [
        hit("aaaaaaaaaaa", "The Singer - The Song (Live at Home)", "The Singer", 45),
        hit("bbbbbbbbbbb", "The Song", "The Singer - Topic", 41),
        hit("ccccccccccc", "The Song [24/7 radio]", "The Singer", None, live_status="is_live"),
        hit("ddddddddddd", "Quite another thing", "Somebody", 40),
    ]
    youtube = youtube_at(site, tmp_path / "plugins")
    assert [found.id for found in await youtube.search("the song", 4)] == ["aaaaaaaaaaa", "bbbbbbbbbbb", "ddddddddddd"]
    sources = await youtube.candidates(Wanted("spotify:1", "The Song", "The Singer", 40.0))
    assert site.asked[-1] == "The Singer The Song"
    ranked = sorted(sources, key=lambda source: -(source.match or 0))
    assert [source.id for source in ranked] == ["youtube:bbbbbbbbbbb", "youtube:aaaaaaaaaaa"]
    assert all(source.track_id == "spotify:1" for source in sources)


async def test_the_sources_of_a_track_wait_neither_for_who_types_nor_for_ever(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    youtube = youtube_at(site, tmp_path / "plugins")
    site.hits = [{"_type": "url", "id": VIDEO_ID, "title": "Her - Air", "duration": 40, "url": site.url(VIDEO_ID)}]
    site.slow_queries = {"slow": 60.0, "The Slow ones": 60.0}
    typing = [asyncio.create_task(youtube.search("slow")) for _ in range(4)]

    async def two_search() -> bool:
        return len(site.asked) == 2

    try:
        await until(two_search)
        async with asyncio.timeout(90):
            found = await youtube.candidates(Wanted("spotify:1", "Air", "Her", 40.0))
        assert [one.id for one in found] == [f"youtube:{VIDEO_ID}"]
        monkeypatch.setattr("signaling.sources.youtube.FIND_S", 1.0)
        async with asyncio.timeout(60):
            with pytest.raises(SourceError) as late:
                await youtube.candidates(Wanted("spotify:2", "Slow ones", "The", 40.0))
        assert late.value.code == "service-failed"
    finally:
        for task in typing:
            task.cancel()
        await asyncio.gather(*typing, return_exceptions=True)


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={VIDEO_ID}",
        f"https://youtube.com/watch?list=PL123&v={VIDEO_ID}&t=4",
        f"https://m.youtube.com/watch?v={VIDEO_ID}",
        f"https://music.youtube.com/watch?v={VIDEO_ID}&feature=share",
        f"https://youtu.be/{VIDEO_ID}?si=abc",
        f"https://www.youtube.com/shorts/{VIDEO_ID}",
        f"https://www.youtube.com/embed/{VIDEO_ID}",
    ],
)
def test_every_form_of_a_videos_address_gives_its_id(url: str) -> None:
    assert video_id_of(url) == VIDEO_ID


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/playlist?list=PL123",
        "https://www.youtube.com/@channel",
        "https://www.youtube.com/watch?v=short",
        f"https://evil.example/watch?v={VIDEO_ID}",
        f"https://youtube.com.evil.example/watch?v={VIDEO_ID}",
        f"https://www.youtube.com/redirect?q=https://evil.example&v={VIDEO_ID}",
    ],
)
def test_other_addresses_give_no_id(url: str) -> None:
    assert video_id_of(url) is None


@pytest.mark.parametrize(("version", "is_supported"), [("v24.19.0", True), ("v18.4.0", False)])
async def test_the_runtime_is_what_yt_dlp_says_of_the_node_that_was_set(
    site: Site, tmp_path: Path, version: str, is_supported: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    status = await youtube_at(site, tmp_path / "plugins", node_path=node).runtime_status()
    assert (status.name, status.version, status.is_supported) == ("node", version.removeprefix("v"), is_supported)
    assert status.yt_dlp_version >= "2026"
    assert bool(status.detail) is not is_supported


async def test_another_node_is_noticed_once_the_first_answer_is_old(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v24.19.0\n")
    node.chmod(0o755)
    asked = Versions(youtube_at(site, tmp_path / "plugins", node_path=node))
    assert "node 24.19.0" in (await asked.ability(60.0)).detail
    node.write_text("#!/bin/sh\necho v18.4.0\n")
    assert "node 24.19.0" in (await asked.ability(60.0)).detail
    monkeypatch.setattr(versions, "LIFE_S", 0.0)
    again = await asked.ability(60.0)
    assert (again.is_there, "Node 18.4.0 is too old" in again.detail) == (False, True)
    await asked.aclose()


async def test_the_node_that_set_up_guarantees_is_one_that_yt_dlp_takes(site: Site, tmp_path: Path) -> None:
    status = await youtube_at(site, tmp_path / "plugins").runtime_status()
    assert status.is_supported, status.detail


def test_a_node_that_was_named_is_the_one_that_runs() -> None:
    assert find_node(Path("/opt/node")) == Path("/opt/node")
