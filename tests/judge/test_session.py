from contextlib import closing

import pytest

from sama_bench.errors import UserError
from sama_bench.judge.estimate import estimate
from sama_bench.judge.judge_config import TRIES, JudgeConfig
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.session import missing_samples, says_nothing
from sama_bench.llm_client import BudgetSpent, Prices, ResponseCache
from sama_bench.llm_client.prices import Price
from sama_bench.types import Key
from sama_bench.verdicts.verdict import EMPTY

UNREADABLE = ["differing", "out of range", "words", "nothing", "refusal"]


def test_answers_get_the_right_verdicts_from_a_server_in_every_mood(judges, town):
    """Troubles first, then a reply that cannot be read, then one that can: nothing lost, nothing asked again."""
    desk = judges.Judges(judges.every_mood)
    store, given = town.answered(300)
    with store:
        done = town.judged(desk, store, given)
        found = town.verdicts(store)
        assert (done.verdicts, done.unscored, dict(done.failed)) == (300, 0, {})
        assert {int(id_): one.score for (id_, _), one in found.items()} == {
            n: judges.score_of(n) / 100 for n in range(300)
        }
        assert {one.tries for one in found.values()} == {1, 2}
        assert {n: desk.asked[n] for n in range(300)} == {n: len(judges.every_mood(n)) for n in range(300)}
        before = desk.asked.total()
        assert town.judged(desk, store, given).verdicts == 0
        assert desk.asked.total() == before


@pytest.mark.slow
def test_killed_on_the_way_it_goes_on_and_asks_nothing_that_was_answered(judges, imported, town):
    module, questions, kills = imported("benchmarks.judge"), 80, [10, 30, 55]
    desk = judges.Judges(seconds=0.05, at_once=8)
    with imported("benchmarks.desk").beside(desk) as url:
        store, _ = town.answered(questions)
        store.close()
        arguments = [str(town.folder / "run"), url, str(town.folder / "replies.sqlite")]
        module.keep_killing(arguments, desk, kills)
    with type(store).open(town.folder / "run") as store:
        found = {int(id_): one.score for (id_, _), one in town.verdicts(store).items()}
    assert found == {n: judges.score_of(n) / 100 for n in range(questions)}
    # at a kill the server has eight under way, and the client may hold as many replies that it has not read yet
    assert questions <= desk.asked.total() <= questions + len(kills) * 16


@pytest.mark.parametrize("mood", UNREADABLE)
def test_what_cannot_be_read_three_times_is_unscored_with_its_reason_and_never_a_number(judges, town, mood):
    desk = judges.Judges(lambda _: [mood])
    store, given = town.answered(3)
    with store:
        done = town.judged(desk, store, given)
        assert (done.verdicts, done.unscored) == (3, 3)
        found = town.verdicts(store)
        assert {one.score for one in found.values()} == {None}
        assert {one.tries for one in found.values()} == {TRIES}
        assert all(one.reason and one.raw is not None for one in found.values())
        assert set(desk.asked.values()) == {TRIES}
        assert town.judged(desk, store, given).verdicts == 0
        assert set(desk.asked.values()) == {TRIES}


def test_what_the_server_fails_with_is_no_verdict_and_is_asked_again_next_time(judges, town):
    store, given = town.answered(4)
    with store:
        done = town.judged(judges.Judges(lambda n: ["500"] if n == 2 else ["plain"]), store, given, tries=2)
        assert (done.verdicts, dict(done.failed)) == (3, {"HTTP 500": 1})
        assert ("2", 0) not in town.verdicts(store)
        mended = judges.Judges()
        assert town.judged(mended, store, given).verdicts == 1
        assert mended.asked == {2: 1}


def test_the_cache_spares_another_run_every_request(judges, town):
    desk = judges.Judges(lambda n: ["words", "plain"] if n == 3 else ["plain"])
    for name in ("one", "two"):
        store, given = town.answered(5, name)
        with store:
            assert town.judged(desk, store, given).verdicts == 5
            assert town.verdicts(store)["3", 0].score == judges.score_of(3) / 100
    assert desk.asked.total() == 6


def test_another_sample_temperature_or_judge_is_asked_for_and_the_same_one_is_not(judges, town):
    desk = judges.Judges()
    store, given = town.answered(2)
    with store:
        for judging, asked in (
            (JudgeConfig("desk", town.template), 2),
            (JudgeConfig("desk", town.template, samples=3), 6),
            (JudgeConfig("desk", town.template, temperature=0.5), 8),
            (JudgeConfig("other", town.template), 10),
            (JudgeConfig("desk", town.template, samples=2), 10),
        ):
            town.judged(desk, store, given, judging)
            assert desk.asked.total() == asked
        assert len({body["seed"] for body in desk.bodies[:6]}) == 3
        assert {body["temperature"] for body in desk.bodies} == {0, 0.5}
        assert [about["model"] for about in store.judges().values()] == ["desk", "other", "desk"]
        assert store.judged()["CLAIR"].about["samples"] == 2


def test_an_empty_answer_scores_0_and_nobody_is_asked(judges, town):
    desk = judges.Judges()
    store, given = town.answered(2)
    texts = ["", " \n", "<p></p>[SEG]", "...", "\u200b"]
    empty = [JudgeInput(Key("c", f"e{n}"), "q", "r", text) for n, text in enumerate(texts)]
    assert all(map(says_nothing, empty))
    assert not says_nothing(JudgeInput(Key("c", "x"), "q", "r", "7"))
    with store:
        assert (
            town.judged(desk, store, [*given, *empty], JudgeConfig("desk", town.template, samples=2)).verdicts == 4 + 5
        )
        assert desk.asked.total() == 4
        found = town.verdicts(store)
        assert [found[one.key.id, 0] for one in empty] == [EMPTY] * 5


def test_a_spent_budget_stops_and_keeps_what_was_paid(judges, town):
    desk = judges.Judges()
    store, given = town.answered(60)
    prices = Prices({"desk": Price(1000.0, 0.0)})  # 0.4 dollars for the 400 tokens that the desk charges
    with store:
        with pytest.raises(BudgetSpent, match="the budget of"):
            town.judged(desk, store, given, budget=10.0, prices=prices)
        kept = len(town.verdicts(store))
        assert 0 < kept <= 25
        assert kept == desk.asked.total()
        town.judged(desk, store, given)
        assert len(town.verdicts(store)) == desk.asked.total() == 60


def test_parameters_that_a_server_does_not_take_are_named_in_the_signature(judges, town):
    class Picky(judges.Judges):
        def answer(self, request):
            for name in ("seed", "temperature", "response_format"):
                if name in request:
                    return judges.Answer(judges.trouble(f"Unsupported parameter: '{name}'"), 400)
            return super().answer(request)

    store, given = town.answered(3)
    with store:
        assert town.judged(Picky(), store, given).verdicts == 3
        label = store.judged()["CLAIR"].label
        assert label.startswith("desk-1/clair@")
        assert label.endswith(",t=own,seed=none,samples=1")
        assert town.judged(judges.Judges(), store, given).verdicts == 0
        assert store.judged()["CLAIR"].label == label


def test_a_wrong_key_ends_it_at_once(judges, town):
    class Closed(judges.Judges):
        def answer(self, request):
            self.bodies.append(request)
            return judges.Answer(judges.trouble("no"), 401)

    desk = Closed()
    store, given = town.answered(50)
    with store, pytest.raises(UserError, match="does not accept the key"):
        town.judged(desk, store, given)
    assert len(desk.bodies) <= 16


def test_an_estimate_counts_what_is_not_kept_and_not_in_the_cache(judges, town):
    store, given = town.answered(6)
    judging = JudgeConfig("desk", town.template)
    with store:
        town.judged(judges.Judges(), store, given[:2])
    other, given = town.answered(6, "other")
    given.append(JudgeInput(Key("c", "e"), "q", "r", ""))
    with other, closing(ResponseCache(town.folder / "replies.sqlite")) as cache:
        found = estimate(judging, missing_samples(judging, given, other), cache)
    assert (found.requests, found.cached, found.empty) == (4, 2, 1)
    text = sum(len(message["content"]) for message in judging.request(given[2]).messages)
    assert found.tokens_in >= 4 * text // 4
    assert found.tokens_out == 4 * 70


def test_a_judge_that_said_nothing_is_none_of_the_run(judges, town):
    store, given = town.answered(3)
    empty = JudgeInput(Key("c", "e"), "q", "r", "")
    with store:
        assert town.judged(judges.Judges(lambda _: ["500"]), store, [*given, empty], tries=1).verdicts == 0
        assert (store.judges(), store.judged()) == ({}, {})
        town.judged(judges.Judges(), store, given[:1])
        label = store.judged()["CLAIR"].label
        more = JudgeConfig("desk", town.template, samples=3), JudgeConfig("typo", town.template)
        for judging in more:
            town.judged(judges.Judges(lambda _: ["500"]), store, given, judging, tries=1)
            assert store.judged()["CLAIR"].label == label


def test_an_older_run_that_names_a_judge_without_verdicts_is_mended_when_it_is_read(judges, town):
    store, given = town.answered(3)
    typo = JudgeConfig("typo", town.template)
    with store:
        store.put_judge(typo.key, typo.to_json())
        assert store.judged() == {}
        store.put_verdicts(typo.key, [(given[0].key, 0, EMPTY.to_json())])
        assert store.judged() == {}  # nobody was asked of an empty answer
        town.judged(judges.Judges(), store, given)
        store.put_judge(typo.key, typo.to_json())
        assert store.judged()["CLAIR"].label.startswith("desk-1/")


def test_a_run_of_empty_answers_is_judged_without_a_word_of_the_judge(judges, town):
    store, given = town.answered(2)
    empty = [JudgeInput(one.key, "q", "r", "") for one in given]
    with store:
        assert town.judged(judges.Judges(lambda _: ["500"]), store, empty).verdicts == 2
        assert store.judged()["CLAIR"].label.startswith("desk/")


def test_dropped_verdicts_are_gone_and_asked_again_from_the_cache(judges, town):
    store, given = town.answered(3)
    desk = judges.Judges()
    with store:
        town.judged(desk, store, given)
        (key,) = store.judges()
        assert store.drop_judge(key) == 3
        assert (store.judges(), store.judged(), store.drop_judge(key)) == ({}, {}, 0)
        assert town.judged(desk, store, given).verdicts == 3
        assert desk.asked.total() == 3


class Refusing:
    """Answers of a server that refuses some prompts with a status; `asked` counts requests."""

    def __init__(self, judges, status, refused, headers=None):
        class Desk(judges.Judges):
            def answer(self, request):
                found = super().answer(request)
                no = judges.trouble("the input was refused by moderation")
                missing_samples = refused(judges.number_of(request))
                return judges.Answer(no, status, headers or {}) if missing_samples else found

        self.desk = Desk()


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_prompt_that_is_refused_is_that_questions_failure_each_time(judges, town, status):
    desk = Refusing(judges, status, lambda n: n in {0, 1}).desk
    store, given = town.answered(30)
    with store:
        assert town.judged(desk, store, given).verdicts == 28
        done = town.judged(desk, store, given[:1])
        assert (done.verdicts, list(done.failed)) == (0, [f"HTTP {status}: the input was refused by moderation"])
        assert len(town.verdicts(store)) == 28


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_where_all_that_is_asked_first_is_refused_it_ends_early_and_nothing_is_kept(judges, town, status):
    desk = Refusing(judges, status, lambda _: True).desk
    store, given = town.answered(100)
    with store:
        with pytest.raises(UserError, match=f"the first 10 requests were all refused.*HTTP {status}"):
            town.judged(desk, store, given)
        assert desk.asked.total() <= 10 + 16
        assert (town.verdicts(store), store.judged()) == ({}, {})


def test_an_address_that_leads_nowhere_ends_a_short_session_too(judges, town):
    store, given = town.answered(3)
    with store, pytest.raises(UserError, match="knows no such model or address"):
        town.judged(Refusing(judges, 404, lambda _: True).desk, store, given)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_where_it_points_is_told(judges, town, imported, status):
    other, store, given = judges.Judges(), *town.answered(3)
    with store, imported("benchmarks.desk").beside(other) as url:
        desk = Refusing(judges, status, lambda _: True, {"Location": f"{url}/chat?token=x"}).desk
        with pytest.raises(UserError, match=f"HTTP {status}, a redirect to {url}/chat: it is not followed"):
            town.judged(desk, store, given)
    assert other.asked.total() == 0
