"""The check of the rules is strong: a policy with any one thing wrong is noticed."""

import pytest

from tests.mutants import mutants, noticed, shipped

NEWEST = {policy.id: policy for policy in reversed(shipped().policies)}


@pytest.mark.parametrize("policy_id", NEWEST)
def test_every_policy_with_one_thing_wrong_is_noticed(policy_id: str) -> None:
    tried = list(mutants(NEWEST[policy_id]))
    alive = [what for what, rule, policy in tried if not noticed(policy, rule)]

    assert len(tried) > 20
    assert alive == []
