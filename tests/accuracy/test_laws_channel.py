"""Laws 10, 11 and 12 on sound."""

import pytest

from tests.accuracy.claims import Claim, check, parameters
from tests.accuracy.claims_channel import claims


@pytest.mark.parametrize("claim", parameters(claims()))
def test_the_way_to_the_judge_changes_little(claim: Claim) -> None:
    check(claim)
