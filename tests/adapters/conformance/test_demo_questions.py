from sama_bench.adapters.conformance.demo_questions import demo_questions, first_of_each, without_regions


def test_questions_come_without_what_was_said_before_and_the_shortest_video_first_where_asked():
    questions = list(demo_questions())
    assert any(question.regions for question in questions)
    assert not any(question.history for question in questions)
    lengths = [len(question.video) for question in demo_questions(shortest_first=True)]
    assert lengths == sorted(lengths)
    assert len(lengths) == len(questions)
    assert not any(question.regions for question in without_regions(questions))


def test_the_first_question_of_each_kind_is_taken_and_then_no_more_are_looked_at():
    looked_at = []

    def watched():
        for question in demo_questions():
            looked_at.append(question)
            yield question

    picked = list(first_of_each(watched(), lambda question: len(question.regions), {0, 1}))
    assert sorted(len(question.regions) for question in picked) == [0, 1]
    assert looked_at[-1] == picked[-1]
    assert len(looked_at) < len(list(demo_questions()))
    assert list(first_of_each(demo_questions(), lambda _: "never", {"this"})) == []
