import json

from sama_bench.adapters.conformance.sa2va_family import TOKENS, Code, all_seen, bring_code
from sama_bench.adapters.conformance.tiny import in_place_of_the_hub


class Model:
    def generate(self, **more):
        return f"{more['text']}, {more['max_new_tokens']}"

    def predict_forward(self, **more):
        return {"prediction": self.generate(text=more["text"]), "prediction_masks": [[1, 0]]}


def test_what_a_question_comes_to_is_seen_and_the_model_is_as_before():
    model = Model()
    with all_seen(model) as seen:
        model.predict_forward(text="Where is it?")
    said = f"Where is it?, {TOKENS}"
    assert seen["answer"] == {"prediction": said, "prediction_masks": [[1, 0]]}
    assert seen["generate"] == {"text": "Where is it?"}
    assert vars(model) == {}


def test_a_checkpoint_brings_its_code_along(tmp_path):
    code, out = tmp_path / "repo/hf/models", tmp_path / "checkpoint"
    code.mkdir(parents=True)
    out.mkdir()
    (code / "modeling_sa2va_chat.py").write_text("x = 1\n")
    (code / "notes.txt").touch()
    (out / "config.json").write_text(json.dumps({"template": "qwen_chat", "vision_config": {}}))
    bring_code(out, tmp_path / "repo", Code("hf/models"))
    content = json.loads((out / "config.json").read_text())
    assert content["auto_map"]["AutoModel"] == "modeling_sa2va_chat.Sa2VAChatModel"
    assert content["vision_config"] == {"architectures": ["InternVisionModel"]}
    assert content["template"] == "qwen_chat"
    assert {path.name for path in out.iterdir()} == {"config.json", "modeling_sa2va_chat.py"}


def test_what_speaks_may_be_a_part_of_the_model():
    model, speaker = Model(), Model()
    model.generate = lambda **_: "nothing is said"
    model.predict_forward = lambda **more: {"prediction": speaker.generate(text=more["text"])}
    with all_seen(model, speaker) as seen:
        model.predict_forward(text="Who?")
    assert seen["generate"] == {"text": "Who?"}
    assert seen["answer"] == {"prediction": f"Who?, {TOKENS}"}


def test_what_the_hub_would_give_comes_from_a_folder_for_a_while(tmp_path):
    class Kind:
        @classmethod
        def from_pretrained(cls, source, **more):
            return cls.__name__, source, more

    with in_place_of_the_hub("openai/clip", tmp_path, [Kind]):
        assert Kind.from_pretrained("openai/clip", revision="main") == ("Kind", tmp_path, {"revision": "main"})
        assert Kind.from_pretrained("other") == ("Kind", "other", {})
    assert Kind.from_pretrained("openai/clip") == ("Kind", "openai/clip", {})
