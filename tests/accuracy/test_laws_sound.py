"""Laws 1, 5, 6, 7 and 9 on sound, through the pitch network that judges."""

import pytest

from tests.accuracy.claims import Claim, check, parameters
from tests.accuracy.claims_sound import claims


@pytest.mark.parametrize("claim", parameters(claims()))
def test_sung_well_is_worth_all_in_any_key_and_at_any_distance(claim: Claim) -> None:
    check(claim)
