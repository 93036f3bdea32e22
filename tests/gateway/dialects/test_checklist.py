"""Each rule that real clients depend on is a test that is named by its number."""

import pytest
from rules import RULES, rule_tests


@pytest.mark.parametrize("number", RULES)
def test_each_rule_is_a_test_named_by_its_number(number):
    assert rule_tests().get(number), RULES[number]


def test_no_test_is_named_by_a_rule_that_does_not_exist():
    assert set(rule_tests()) <= set(RULES)
