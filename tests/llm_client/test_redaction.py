import pytest

from sama_bench.llm_client.exchange import ErrorInside, read
from sama_bench.llm_client.redaction import BLOT, redacted, without

KEY = "sk-kill/test-123"


@pytest.mark.parametrize(
    "said",
    [
        KEY, "sk\\u002dkill/test-123", "\\u0073\\u006B-kill\\/test-123", "sk\\\\u002dkill\\\\/test-123",
        "SK-KILL/TEST-123",
        "sk-kill%2Ftest-123", "sk-kill&#47;test-123", "sk-kill&#x2f;test-123", "sk\\x2dkill/test-123",
        "".join(f"\\u{ord(letter):04x}" for letter in KEY), "".join(f"\\\\u{ord(letter):04X}" for letter in KEY),
    ],
)  # fmt: skip
def test_a_key_is_blotted_out_however_its_letters_are_written(said):
    assert without(KEY, f"your key {said} is wrong") == f"your key {BLOT} is wrong"


def test_a_key_of_a_letter_leaves_words_alone():
    assert without("k", "like a token k.") == f"like a token {BLOT}."
    assert without("none", "none") == "none"


def test_what_a_server_says_is_one_short_line_without_what_acts_on_a_terminal():
    said = f"\x1b]0;owned\x07\x1b[2J\x9b31mno {KEY}\r\nnow\u202e\u2028" + "x" * 9999
    found = redacted(KEY, said)
    assert found.startswith(f"]0;owned [2J 31mno {BLOT} now x")
    assert len(found) == 200
    assert found.isprintable()
    assert [redacted(KEY, other) for other in (None, 3, ["a"], {})] == [""] * 4


def completion(content, **more):
    message = {"role": "assistant", "content": content, **more}
    return {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}


def test_content_in_parts_is_its_texts_without_thoughts_and_without_the_key():
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "reasoning", "text": "hm"}, {"type": "text", "text": "a " + KEY[:5]}, KEY[5:],
        {"type": "output_text", "text": " b"}, {"type": "image_url"}, {"type": ["text"]},
        {"type": "text", "text": None},
    ]  # fmt: skip
    assert read(completion(parts), KEY).text == f"a {BLOT} b"
    assert read(completion([{"type": "refusal", "refusal": "I would rather not"}]), KEY).refusal == "I would rather not"
    assert read(completion(None, reasoning_content="score: 5"), KEY).text == ""


@pytest.mark.parametrize("content", [3, {"text": "a"}, [3], [None], True])
def test_content_of_another_kind_is_no_answer(content):
    with pytest.raises(ValueError, match="not a text"):
        read(completion(content), KEY)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"error": {"message": "slow"}}, "slow"), ({"error": "slow"}, "slow"),
        ({"object": "error", "message": "slow"}, "slow"),
        ({"choices": [{"error": {"message": "slow"}, "message": {}}]}, "slow"),
        ({"choices": [{"finish_reason": "error", "message": {"content": "half"}}]}, "the answer ended in an error"),
    ],
)  # fmt: skip
def test_an_error_in_a_reply_of_status_200_is_an_error(said, words):
    with pytest.raises(ErrorInside) as inside:
        read(said, KEY)
    assert inside.value.body["message"] == words
