import pytest

from sama_bench.errors import UserError
from sama_bench.llm_client import Bill, Prices, Reply, Request
from sama_bench.llm_client.usage import Budget, BudgetSpent, tokens_of


@pytest.fixture
def prices(tmp_path):
    """Reads prices from a text."""

    def read(text):
        path = tmp_path / "prices.yaml"
        path.write_text(text)
        return Prices.load(path)

    return read


def test_the_prices_that_come_along_can_be_read():
    assert Prices.load().of("gpt-4o").of(1_000_000, 0) > 0


def test_the_first_name_or_pattern_that_fits_decides_and_a_date_is_no_matter(prices):
    own = prices("models:\n  small: {in: 1, out: 2}\n  sm*: {in: 3, out: 4}\n  '*': {in: 5, out: 6}\n")
    assert [own.of(name).tokens_in for name in ("small", "small-2026-01-31", "smart", "big")] == [1, 1, 3, 5]
    assert prices("models:\n  small: {in: 1, out: 2}\n").of("big") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "models: 3", "models: {a: 3}", "models: {a: {in: 1}}", "models: {a: {in: -1, out: 1}}",
             "models: {a: {in: .nan, out: 1}}", "models: {a: {in: x, out: 1}}", "a: [1"],
)  # fmt: skip
def test_a_file_that_says_something_else_is_refused(prices, text):
    with pytest.raises(UserError, match=r"prices\.yaml"):
        prices(text)


def asked(letters=400, **parameters):
    return Request([{"role": "user", "content": "x" * letters}], "m", parameters)


def test_a_bill_counts_what_was_paid_and_knows_when_it_does_not_know(prices):
    bill = Bill(prices("models: {m: {in: 1, out: 10}}"))
    bill.add(Reply("", "m", 500_000, 100_000), asked())
    bill.add(Reply("", "m", 9, 9, cached=True), asked())
    assert (bill.requests, bill.cached, bill.usd) == (1, 1, pytest.approx(1.5))
    bill.add(Reply("", "x", 1, 1), Request([], "unknown"))
    assert bill.usd is None
    assert "cost unknown" in bill.lines()[0]


def test_a_budget_counts_what_is_under_way(prices):
    bill = Bill(prices("models: {m: {in: 0, out: 1}}"))
    budget = Budget(2.5, bill)
    first, second, third = (asked(max_tokens=1_000_000) for _ in range(3))
    budget.begin(first)
    budget.begin(second)
    with pytest.raises(BudgetSpent, match=r"budget of \$2\.5 is spent"):
        budget.begin(third)
    budget.end(second)
    budget.begin(third)


def test_an_image_counts_as_tokens():
    parts = [{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": "x" * 40}]
    assert tokens_of(Request([{"role": "user", "content": parts}], "m")) == 1500 + 14
