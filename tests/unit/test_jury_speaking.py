"""Three jurors by language models on real servers: in time, nothing but what is true, otherwise by the grammar."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from voicejury.v1 import verdict_pb2

from inference.analysis.jury.models import Address, OpenAiTier
from inference.analysis.jury.panel import jurors
from inference.analysis.jury.speaking import Audience, speak, speak_now
from inference.service.jury_settings import JurySettings
from inference.service.jury_tiers import jury_tiers
from tests.support import llm_server as llm
from tests.support.honest_sentences import HONEST
from tests.support.jury_take import silent_take, take
from tests.support.lies import LIES, Lie

SOUND = b"sound"
PATIENT_S = 60.0  # for a server that answers at once, on a machine that is busy; `make bench-jury` holds it to 5 s
LATE_S = 20.0
HONEST_FEW = HONEST["fr"][:1] + HONEST["fr"][11:13] + HONEST["fr"][17:18] + HONEST["fr"][28:30]


def tier(server: llm.LlmServer, provider: str = "openai", key: str = "") -> OpenAiTier:
    return OpenAiTier(Address(provider, server.base_url, "liar-1", key))


def batched(lies: Sequence[Lie], size: int) -> list[Sequence[Lie]]:
    return [lies[at : at + size] for at in range(0, len(lies), size)]


def told_by(panel: Sequence[verdict_pb2.Juror]) -> list[str]:
    return [juror.told_by for juror in panel]


def test_a_model_finds_the_words_and_the_grammar_tells_the_vote() -> None:
    verdict = take("fr")
    by_grammar = jurors(verdict, "fr", SOUND)
    with llm.llm_server(llm.says(HONEST_FEW)) as server:
        panel = speak_now(verdict, Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)
    assert told_by(panel) == ["liar-1"] * 3
    for juror, grammar in zip(panel, by_grammar, strict=True):
        assert (juror.persona, juror.name, juror.vote) == (grammar.persona, grammar.name, grammar.vote)
        assert juror.sentences[-1] == grammar.sentences[-1]
        assert juror.comment == " ".join(sentence.text for sentence in juror.sentences)
        assert juror.claims
        assert all(claim.value in juror.comment for claim in juror.claims)


@pytest.mark.parametrize(("language", "for_children"), [("fr", False), ("en", False), ("fr", True), ("en", True)])
def test_of_a_server_that_only_lies_nothing_reaches_the_page(language: str, for_children: bool) -> None:
    """Ten lies of ten kinds in each answer: whatever is said instead is the grammar's."""
    lies = [x for x in LIES if x.language == language and x.take == "plain" and x.for_children <= for_children]
    verdict = take(language)
    grammar = jurors(verdict, language, SOUND, for_children)
    for some in batched(lies, 10):
        with llm.llm_server(llm.says([(lie.text, lie.facts) for lie in some])) as server:
            assert (
                speak_now(verdict, Audience(language, for_children), SOUND, [tier(server)], budget_s=PATIENT_S)
                == grammar
            )
            assert len(server.requests) == 3


def test_a_lie_among_true_sentences_is_dropped_alone() -> None:
    verdict = take("fr")
    with llm.llm_server(llm.says([*HONEST_FEW, ("Un vibrato de 48 hertz, c’est rare.", ("pitch",))])) as server:
        panel = speak_now(verdict, Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)
    assert told_by(panel) == ["liar-1"] * 3
    assert not any("48 hertz" in juror.comment for juror in panel)


def test_of_silence_no_model_is_asked() -> None:
    with llm.llm_server(llm.says([("Quelle voix magnifique pendant 34 secondes !", ("duration",))] * 3)) as server:
        panel = speak_now(silent_take("fr"), Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)
        assert server.requests == []
    assert told_by(panel) == ["grammar"] * 3


BAD = {
    "hangs": llm.hangs,
    "too many requests": llm.fails(429),
    "broken": llm.fails(500),
    "forbidden": llm.fails(401),
    "nonsense": llm.answers("I am a teapot, and {short} and stout"),
    "no text": llm.answers(None),
    "a list for a text": llm.answers([{"type": "text", "text": "hello"}]),
    "another shape": llm.answers('{"sentences": {"text": "71,2"}}'),
    "no sentence": llm.answers('{"sentences": []}'),
    "numbers for facts": llm.answers('{"sentences": [{"text": "71,2 en justesse.", "facts": [1]}]}'),
    "deep nesting": llm.answers('{"sentences": ' + "[" * 9000 + "]" * 9000 + "}"),
    "no JSON": llm.sends("<html>Welcome</html>", "text/html"),
    "half a JSON": llm.sends('{"choices": [{"message": {"content": "'),
    "a JSON list": llm.sends("[1, 2, 3]"),
    "an empty object": llm.sends("{}"),
    "endless": llm.streams_without_end,
    "drips": llm.drips,
    "too much": llm.answers("x" * 200_000),
}


@pytest.mark.parametrize("behave", BAD.values(), ids=BAD.keys())
def test_a_server_that_fails_costs_no_more_than_five_seconds_and_the_grammar_speaks(behave: llm.Behave) -> None:
    verdict = take("en")
    with llm.llm_server(behave) as server:
        begun_s = time.monotonic()
        panel = speak_now(verdict, Audience("en"), SOUND, [tier(server)], budget_s=1.0)
        took_s = time.monotonic() - begun_s
    assert panel == jurors(verdict, "en", SOUND)
    assert took_s < LATE_S


def test_a_redirect_is_not_followed() -> None:
    with (
        llm.llm_server(llm.says(HONEST_FEW)) as elsewhere,
        llm.llm_server(llm.redirects(f"{elsewhere.base_url}/chat/completions")) as server,
    ):
        panel = speak_now(take("fr"), Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)
        assert elsewhere.requests == []
    assert told_by(panel) == ["grammar"] * 3


def test_the_second_model_is_asked_when_the_first_one_hangs_and_all_is_said_in_time() -> None:
    with llm.llm_server(llm.hangs) as first, llm.llm_server(llm.says(HONEST_FEW)) as second:
        begun_s = time.monotonic()
        panel = speak_now(take("fr"), Audience("fr"), SOUND, [tier(first), tier(second, "ollama")], budget_s=8.0)
        took_s = time.monotonic() - begun_s
    assert told_by(panel) == ["liar-1"] * 3
    assert took_s < LATE_S


def test_a_model_that_failed_three_times_is_left_alone() -> None:
    with llm.llm_server(llm.fails(500)) as server:
        failing = tier(server)
        for _ in range(3):
            speak_now(take("fr"), Audience("fr"), SOUND, [failing], budget_s=PATIENT_S)
        assert len(server.requests) == 3


def test_a_server_that_knows_no_schema_is_asked_for_any_json_and_from_then_on_at_once() -> None:
    with llm.llm_server(llm.knows_no_schema(HONEST_FEW)) as server:
        asked = tier(server)
        for _ in range(2):
            assert told_by(speak_now(take("fr"), Audience("fr"), SOUND, [asked], budget_s=PATIENT_S)) == ["liar-1"] * 3
        formats = [body["response_format"]["type"] for body in server.requests]
    assert formats[-3:] == ["json_object"] * 3


def test_thinking_aloud_before_the_answer_is_no_harm() -> None:
    with llm.llm_server(llm.answers(f"<think>Let me see.</think>```json\n{llm.written(HONEST_FEW)}\n```")) as server:
        assert (
            told_by(speak_now(take("fr"), Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)) == ["liar-1"] * 3
        )


async def test_each_juror_is_heard_as_soon_as_it_has_spoken() -> None:
    async def behave(body: dict[str, Any], request: web.Request) -> web.StreamResponse:
        if "Carlotta" in str(body["messages"]):
            return await llm.hangs(body, request)
        return llm.completion(llm.written(HONEST_FEW))

    heard = []
    with llm.llm_server(behave) as server:
        async for juror in speak(take("fr"), Audience("fr"), SOUND, [tier(server)], budget_s=5.0):
            heard.append((juror.persona, juror.told_by))
    assert {persona for persona, _ in heard[:2]} == {"metronome", "grand-mere"}
    assert heard[2] == ("diva", "grammar")


def test_jurors_who_had_spoken_before_a_crash_are_kept_as_they_were() -> None:
    verdict = take("fr")
    with llm.llm_server(llm.says(HONEST_FEW)) as server:
        first = speak_now(verdict, Audience("fr"), SOUND, [tier(server)], budget_s=PATIENT_S)
        heard: list[verdict_pb2.Juror] = []
        again = speak_now(verdict, Audience("fr"), SOUND, [tier(server)], first[:2], heard.append, PATIENT_S)
        assert len(server.requests) == 4
    assert again[:2] == first[:2]
    assert heard[:2] == first[:2]
    assert [juror.persona for juror in again] == ["diva", "metronome", "grand-mere"]


def test_a_crash_in_the_jury_changes_no_word_of_the_grammar() -> None:
    verdict = take("en")
    whole = speak_now(verdict, Audience("en"), SOUND)
    for spoken in (whole[:1], whole[1:], whole[::2]):
        assert speak_now(verdict, Audience("en"), SOUND, spoken=spoken) == whole


def test_the_key_goes_to_its_server_and_into_no_text() -> None:
    with llm.llm_server(llm.says(HONEST_FEW)) as server:
        address = Address("openai", server.base_url, "liar-1", "sk-very-secret")
        panel = speak_now(take("fr"), Audience("fr"), SOUND, [OpenAiTier(address)], budget_s=PATIENT_S)
        assert set(server.keys) == {"Bearer sk-very-secret"}
        assert set(server.paths) == {"/v1/chat/completions"}
    assert "sk-very-secret" not in repr(address) + str(panel)


def test_the_operator_names_the_models_and_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    with llm.llm_server(llm.fails(503)) as first, llm.llm_server(llm.says(HONEST_FEW)) as second:
        monkeypatch.setenv("VOICEJURY_LLM_URL", f"{first.base_url}/")
        monkeypatch.setenv("VOICEJURY_LLM_MODEL", "big")
        monkeypatch.setenv("VOICEJURY_LLM_KEY", "sk-very-secret")
        monkeypatch.setenv("VOICEJURY_OLLAMA_URL", second.base_url.removesuffix("/v1"))
        monkeypatch.setenv("VOICEJURY_OLLAMA_MODEL", "mistral:7b")
        settings = JurySettings()
        panel = speak_now(take("fr"), Audience("fr"), SOUND, jury_tiers(settings), budget_s=PATIENT_S)
        assert {body["model"] for body in first.requests} == {"big"}
        assert {body["model"] for body in second.requests} == {"mistral:7b"}
    assert told_by(panel) == ["mistral:7b"] * 3
    assert "sk-very-secret" not in repr(settings)


@pytest.mark.parametrize("name", ["VOICEJURY_LLM_URL", "VOICEJURY_OLLAMA_URL"])
@pytest.mark.parametrize(
    "url", ["ftp://models", "http://", "http://user:word@models/v1", "http://models/v1?key=1", "models"]
)
def test_what_is_no_address_of_a_server_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(ValidationError):
        JurySettings()


def test_without_settings_no_model_is_asked() -> None:
    assert jury_tiers(JurySettings(llm_url="", llm_model="", ollama_url="", ollama_model="")) == ()
