import pytest

from sama_bench.errors import UserError
from sama_bench.prompting import template

TEXTS = "texts: {dialogue: 'D {{ question }}', ungrounded: U, description: C}"


@pytest.fixture
def file(tmp_path):
    """Writes a template of one's own and gives its path."""

    def write(content):
        path = tmp_path / "mine.yaml"
        path.write_text(content)
        return str(path)

    return write


def problems(name):
    with pytest.raises(UserError) as caught:
        template.load(name)
    return caught.value.problems


def test_every_template_of_the_package_loads():
    assert {"json", "ref-box", "paper-gemini"} <= set(template.names())
    for name in template.names():
        assert template.load(name).name == name


def test_a_template_of_ones_own_is_known_by_its_name_and_content(file):
    one = template.load(file(TEXTS))
    other = template.load(file(TEXTS + "\nframes: 4"))
    assert (one.name, other.frames) == ("mine", 4)
    assert one.digest != other.digest


def test_the_opening_stands_before_each_text(file):
    one = template.load(file("texts: {opening: 'O {{ frames }} ', dialogue: D, ungrounded: U, description: C}"))
    assert [one.render(text, template.EXAMPLE) for text in template.TEXTS] == ["O 8 D", "O 8 U", "O 8 C"]


def test_all_that_is_wrong_is_told_at_once(file):
    content = "texts: {dialogue: a, ungrounded: 3, reply: b}\nframe: 5\n2: 3"
    told = problems(file(content))
    assert len(told) == 5
    assert all("mine.yaml" in one for one in told)
    told = problems(
        file(TEXTS + "\nframes: 0\nsize: small\nboxes: [1]\nfit: {}\nline: true\nfirst_frame: 1\nsystem: 2")
    )
    assert [one.split(": ")[1].split("=")[0] for one in told] == [
        "frames", "size", "fit", "boxes", "line", "first_frame", "system"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["texts: [", "- 1", "", "texts: {}", TEXTS.replace("question", "answer"), TEXTS.replace("}}", "}"),
     TEXTS.replace("question", "question.__class__.__mro__"), TEXTS.replace("question", "1 // 0"), "\x00"],
)  # fmt: skip
def test_what_is_no_template_is_told_before_anything_is_asked(content, file):
    assert all("prompt" in one for one in problems(file(content)))


def test_an_unknown_name_is_told_with_those_that_there_are():
    assert "did you mean json" in problems("jsn")[0]
    assert "No such file" in problems("absent/mine.yaml")[0]
