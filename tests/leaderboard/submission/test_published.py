import pytest

from sama_bench.leaderboard.submission.published import kind_of, published


@pytest.mark.parametrize(
    "value",
    ["", "0.5", "-1", "true", "flow", "Qwen/Qwen2.5-VL-7B-Instruct", "DAMO-NLP-SG/VideoRefer-VideoLLaMA3-7B",
     "8 even full", "sam2.1@0123abcd", "bfloat16"],
)  # fmt: skip
def test_plain_values_are_published(value):
    assert published({"name": value}) == {"name": value}


@pytest.mark.parametrize(
    "value",
    ["/home/ada/model", "~/model", "./model", "../model", "home/ada/model", "C:\\Users\\ada", "C:/Users/ada",
     "\\\\host\\a", "https://ada:pw@example.org/v1", "http://10.0.0.1:8000",
     "ada@example.org", "file:///x", "$HOME/x", "a\nb",
     "sk0123456789abcdefghijklmn", "hf_AbCdEfGhIjKlMnOpQrStUv0123", "x" * 201, "größe"],
)  # fmt: skip
def test_what_may_be_a_path_an_address_or_a_key_is_kept_back(value):
    assert published({"name": value}) == {"name": None}


@pytest.mark.parametrize("name", ["api_key", "token", "base_url", "password", "host", "cache_dir", "User"])
def test_what_is_private_by_its_name_is_kept_back(name):
    assert published({name: "1"}) == {name: None}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("RuntimeError: no /home/ada", "RuntimeError"),
        ("KeyError", "KeyError"),
        ("open: torch_OutOfMemoryError: x", "error"),
        ("open: OutOfMemoryError: x", "OutOfMemoryError"),
        ("unusable answer: tracks[0]: /home/ada", "unusable answer"),
        ("ada: secret", "error"),
        ("/home/ada/x.py: RuntimeError: a", "error"),
        ("", "error"),
    ],
)
def test_of_an_error_the_kind_is_published(error, kind):
    assert kind_of(error) == kind
