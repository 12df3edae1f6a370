"""Bad input over the running house: a clear refusal for the one, nothing disturbed for the others."""

import time

import jwt
import pytest
from voicejury.tokens import Scope, mint

from tests.support.house import House, HttpAnswer

SECRET_FILE = "secret"


@pytest.fixture(autouse=True)
def house_stays_healthy(house: House) -> object:
    """Whatever a test sends, every service still says ok afterwards, in the same process."""
    pids = house.run_json()["pids"]
    yield
    assert house.is_healthy()
    assert house.run_json()["pids"] == pids


def start_session(house: House, song_id: str = "demo") -> tuple[str, str]:
    answer = house.http("POST", "/api/session/start", {"song_id": song_id})
    assert answer.status == 201, answer.body
    return answer.body["session_id"], answer.body["token"]


def assert_problem(answer: HttpAnswer, status: int, code: str) -> None:
    assert answer.status == status, answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.body["code"] == code
    assert answer.body["status"] == status
    assert answer.body["title"]
    assert answer.body["detail"]


def offer(house: House, session_id: str, token: str, sdp: str) -> HttpAnswer:
    return house.http("POST", f"/api/session/{session_id}/offer", {"sdp": sdp, "type": "offer"}, token)


def test_a_song_that_does_not_exist_starts_no_session(house: House) -> None:
    answer = house.http("POST", "/api/session/start", {"song_id": "no-such-song"})
    assert_problem(answer, 404, "unknown-song")


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"song_id": 7}', b'{"song_id": "../../etc"}'])
def test_a_body_that_is_no_request_is_refused(house: House, body: bytes) -> None:
    answer = house.http("POST", "/api/session/start", body)
    assert answer.status in (400, 404)
    assert answer.body["code"] in ("bad-request", "unknown-song")


def test_garbage_for_an_offer_is_refused_and_the_session_can_go_on(house: House) -> None:
    session_id, token = start_session(house)
    assert_problem(offer(house, session_id, token, "v=0\r\nm=audio nine\r\na=garbage\r\n"), 400, "bad-sdp")
    assert house.http("GET", f"/api/session/{session_id}/status", token=token).body["state"] == "created"


def test_an_offer_without_audio_is_refused_by_its_name(house: House) -> None:
    session_id, token = start_session(house)
    empty = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    assert_problem(offer(house, session_id, token, empty), 400, "no-audio")


def test_an_oversized_offer_is_refused(house: House) -> None:
    session_id, token = start_session(house)
    assert_problem(offer(house, session_id, token, "v=0\r\n" + "a=x\r\n" * 40_000), 413, "too-large")


def test_another_sessions_token_opens_nothing(house: House) -> None:
    session_id, _ = start_session(house)
    _, foreign = start_session(house)
    assert_problem(house.http("GET", f"/api/session/{session_id}/results", token=foreign), 403, "foreign-session")
    assert_problem(offer(house, session_id, foreign, "v=0"), 403, "foreign-session")


def test_an_expired_token_says_that_it_expired(house: House) -> None:
    session_id, _ = start_session(house)
    secret = (house.data_dir / SECRET_FILE).read_text().strip()
    expired = mint(secret, Scope.SESSION, session_id, ttl_s=-5)
    assert_problem(house.http("GET", f"/api/session/{session_id}/status", token=expired), 401, "expired-token")


def test_a_token_signed_by_somebody_else_is_worth_nothing(house: House) -> None:
    session_id, _ = start_session(house)
    claims = {"scope": "session", "sub": session_id, "exp": int(time.time()) + 60}
    forged = jwt.encode(claims, "x" * 32, algorithm="HS256")
    assert_problem(house.http("GET", f"/api/session/{session_id}/status", token=forged), 401, "unauthorized")


def test_results_before_the_song_are_not_ready(house: House) -> None:
    session_id, token = start_session(house)
    assert_problem(house.http("GET", f"/api/session/{session_id}/results", token=token), 409, "not-ready")


def test_a_session_that_ends_without_a_voice_is_abandoned(house: House) -> None:
    session_id, token = start_session(house)
    assert house.http("POST", f"/api/session/{session_id}/end", token=token).status == 202
    status = house.http("GET", f"/api/session/{session_id}/status", token=token).body
    assert status["state"] == "abandoned"


def test_health_names_every_dependency_of_the_running_house(house: House) -> None:
    dependencies = house.http("GET", "/health").body["dependencies"]
    needed = {"database", "redis", "media_server", "live", "analysis", "background"}
    assert set(dependencies) == {*needed, "reference", "youtube"}
    assert {dependencies[name]["status"] for name in needed} == {"ok"}
