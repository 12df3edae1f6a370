"""Laws 2, 3 and 8 on sound: what is no singing, and what is another song."""

import pytest

from tests.accuracy.claims import Claim, check, parameters
from tests.accuracy.claims_nothing import claims


@pytest.mark.parametrize("claim", parameters(claims()))
def test_what_is_not_the_song_earns_what_luck_earns(claim: Claim) -> None:
    check(claim)
