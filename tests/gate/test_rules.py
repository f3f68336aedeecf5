import pytest

from sama_bench.errors import UserError
from sama_bench.gate.rules import Policy, read_config, rule, usual


@pytest.mark.parametrize(
    ("name", "protocol", "metric"),
    [("g.jf", "strict", "J&F"), ("G.J&F", "strict", "J&F"), ("c.meteor", "strict", "METEOR"),
     ("g.paper.miou", "paper", "miou"), ("g.false_groundings", "strict", "false_groundings")],
)  # fmt: skip
def test_a_metric_is_named_as_one_types_it(name, protocol, metric):
    found = rule(name)
    assert (found.metric.protocol, found.metric.name) == (protocol, metric)
    assert rule(found.name) == found


@pytest.mark.parametrize("name", ["jf", "h.jf", "g.jff", "c.jf", "g.loose.jf", "", "g..", "g.jf.jf.jf"])
def test_what_is_no_metric_is_said_with_what_there_is(name):
    with pytest.raises(UserError, match=r"expected TASK\.METRIC|has no such metric"):
        rule(name)


def test_the_usual_rules_are_of_segmentation_and_of_text_in_the_tasks_at_hand():
    assert [one.name for one in usual(["g", "c"])] == ["g.jf", "g.f1_iou", "g.meteor", "c.meteor"]
    assert [one.name for one in usual(["c"])] == ["c.meteor"]


def test_a_config_file_says_all(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_text("metrics: {g.jf: 1, c.meteor: 0.25}\nalpha: 0.01\nmargin: 3\n")
    policy = read_config(path)
    assert [(one.name, one.max_drop) for one in policy.rules] == [("g.jf", 1.0), ("c.meteor", 0.25)]
    assert (policy.alpha, policy.margin) == (0.01, 3.0)


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "metrics"), ("metrics: {}", "metrics"), ("metrics: {g.jf: a lot}", "expected a number"), ("[1", "YAML"),
     ("metrics: {g.jf: -1}", "0 or more"), ("metrics: {g.jf: .nan}", "not finite"), ("metrics: {g.x: 1}", "no such"),
     ("metrics: {g.jf: 1}\nlevel: 3", "knows no 'level'"), ("metrics: {g.jf: 1}\nalpha: 0.9", "less than 0.5"),
     ("metrics: {g.jf: 1, g.J&F: 2}", "gated twice"), ("metrics: {g.jf: true}", "expected a number")],
)  # fmt: skip
def test_a_config_file_that_says_something_else_is_refused(tmp_path, content, told):
    path = tmp_path / "gate.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=told) as refusal:
        read_config(path)
    assert all(str(path) in line for line in refusal.value.problems)


def test_all_that_is_wrong_with_a_policy_is_told_at_once():
    with pytest.raises(UserError) as refusal:
        Policy((rule("g.jf", -1), rule("g.miou", -2)), alpha=0, margin=0)
    assert len(refusal.value.problems) == 4
