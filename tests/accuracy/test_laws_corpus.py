"""Laws 1 and 3 to 9 on contours: every written song, and tunes on which nothing was tuned"""

import pytest

from tests.accuracy.claims import Claim, check, parameters
from tests.accuracy.claims_contours import SAMPLE, claims, sung_songs
from tests.support.corpus import song_files
from tests.unit.recordings import recording


@pytest.fixture(autouse=True)
def _there_are_recordings() -> None:
    recording("songs")


def test_the_corpus_holds_every_written_song_and_a_recording() -> None:
    assert len(song_files()) == 24
    assert set(sung_songs(SAMPLE.song_s)) == {file.parent.name for file in song_files()} | {"vocadito_1"}


@pytest.mark.parametrize("claim", parameters(claims(SAMPLE)))
def test_the_laws_hold_on_every_tune(claim: Claim) -> None:
    check(claim)
