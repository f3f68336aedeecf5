"""`python benchmarks/gpu.py`: seconds a question, tokens a second, peak memory of SAMA or Sa2VA, native or released.

Weights are random and of the real sizes, so that nothing has to be downloaded; a chain of tokens is built into the
head of the language model, so that every implementation says the same tokens and as many [SEG]s. Each implementation
runs in a process of its own, one after the other on the same device, the released code in an interpreter with an old
transformers.
"""

from __future__ import annotations

import json
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.types import Key, Prediction, Question, Region, Video

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "adapters" / "models"
CHAIN = 29
"""Tokens between two [SEG]s: 120 tokens have four."""
WORDS = {
    "g": "What does <mask> do here, number {}? Response with interleaved segmentation masks.",
    "c": "Please give a detailed description of the marked region <mask> in the video, number {}.",
}
"""Grounded dialogue, whose answers have [SEG]s, and description, whose answers have none."""
SIZES = {"tiny": (48, 64), "real": (480, 854)}
NATIVE = ("batch=1", "batch=8")
RELEASED = {
    "sama": ("sama-released, reuse=yes", "sama-released, reuse=no"),
    "sa2va": ("sa2va-released",),
    "sa2va-i": ("sa2va-released",),
}
CODE = {"sama": "projects/llava_sam2", "sa2va": "projects/sa2va", "sa2va-i": "projects/llava_sam2"}
MODULE = {"sama": "modeling_sa2va_chat_all", "sa2va": "modeling_sa2va_chat", "sa2va-i": "modeling_sa2va_chat"}
"""Where the model's code lies in its checkout, and what its module is called."""


@dataclass(frozen=True)
class Language:
    """The language model of a size: class, template, tokens, width, layers, heads, heads of keys, feed-forward."""

    kind: str
    tokens: int
    width: int
    layers: int
    heads: int
    key_heads: int
    feed_forward: int


LANGUAGES = {
    "tiny": Language("qwen2", 320, 64, 2, 4, 2, 96),
    "1B": Language("qwen2", 151_679, 896, 24, 14, 2, 4864),
    "4B": Language("qwen2", 151_679, 2048, 36, 16, 2, 11_008),
    "8B": Language("internlm2", 92_558, 4096, 32, 32, 8, 14_336),
}


@click.group(invoke_without_command=True)
@click.option("--model", type=click.Choice(list(RELEASED)), default="sama", show_default=True)
@click.option("--size", type=click.Choice(list(LANGUAGES)), default="1B", show_default=True)
@click.option("--task", type=click.Choice(list(WORDS)), default="g", show_default=True)
@click.option("--frames", default=60, show_default=True)
@click.option("--questions", default=7, show_default=True)
@click.option("--tokens", default=120, show_default=True, help="Tokens of each answer.")
@click.option("--device", default="cuda", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("gpu-benchmark"), help="Where weights go.")
@click.option("--released-python", help="An interpreter for the released code; without it only the native one runs.")
@click.option(
    "--checkout", type=click.Path(path_type=Path), help="The checkout of the model's code, for the released one."
)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the results to this file, too.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click's
    """Measure SAMA with random weights of a real size, or tiny ones on a machine without a GPU (--device cpu)."""
    if ctx.invoked_subcommand is None:
        _main(**options)


def _main(  # noqa: PLR0913 - each is an option
    *,
    model: str,
    size: str,
    task: str,
    frames: int,
    questions: int,
    tokens: int,
    device: str,
    folder: Path,
    released_python: str | None,
    checkout: Path | None,
    out: Path | None,
) -> None:
    checkpoint = folder / f"{model}-{task}-{size}"
    if not (checkpoint / "config.json").is_file():
        make(checkpoint, model, size, checkout, grounded=task == "g")
    asked = [str(checkpoint.resolve()), task, str(frames), str(questions), str(tokens), device, str(checkout or "")]
    results: dict[str, Any] = {
        "model": model,
        "size": size,
        "task": task,
        "frames": frames,
        "questions": questions,
        "tokens": tokens,
        "device": device,
    }
    runs = [(f"{model}, {name}", sys.executable) for name in NATIVE]
    runs += [(name, released_python) for name in RELEASED[model] if released_python]
    for name, python in runs:
        done = subprocess.run(
            [python, __file__, "measure", name, *asked],
            capture_output=True,
            text=True,
            check=False,
        )
        results[name] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else done.stderr.strip()[-800:]
        click.echo(f"{name}: {json.dumps(results[name])}")
    if out is not None:
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


@main.command()
@click.argument("name")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("task")
@click.argument("frames", type=int)
@click.argument("questions", type=int)
@click.argument("tokens", type=int)
@click.argument("device")
@click.argument("checkout")
def measure(
    name: str, checkpoint: Path, task: str, frames: int, questions: int, tokens: int, device: str, checkout: str
) -> None:
    """Ask one implementation, and print what it took as a line of JSON."""
    import torch

    tiny = checkpoint.name.endswith("tiny")
    kind, _, argument = name.partition(", ")
    released = {"sama-released": (_released, _released_tiny), "sa2va-released": (_released_sa2va, _released_tiny_sa2va)}
    ask = released[kind][tiny] if kind in released else _native
    model = ask(checkpoint, tokens, device, checkout, argument.partition("=")[2])
    height, width = SIZES["tiny" if tiny else "real"]
    film = _film(checkpoint.parent / f"film-{frames}-{height}", frames, (height, width))
    list(model(_questions(film, task, 1)))  # what is made only once in a process
    if device.startswith("cuda"):
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    began, cpu = time.perf_counter(), time.process_time()
    answers = list(model(_questions(film, task, questions)))
    took = time.perf_counter() - began
    click.echo(json.dumps({
        "seconds a question": round(took / questions, 3), "tokens a second": round(questions * tokens / took, 1),
        "CPU seconds a question": round((time.process_time() - cpu) / questions, 3),
        "peak GB": round(_peak(device) / 1e9, 2), "[SEG]s": sum(len(answer.tracks) for answer in answers),
        "on": torch.cuda.get_device_name() if device.startswith("cuda") else platform.processor() or "CPU",
        "torch": torch.__version__, "transformers": _version(),
    }))  # fmt: skip


def _peak(device: str) -> int:
    """Bytes of the GPU, or of this process."""
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _version() -> str:
    import transformers

    return str(transformers.__version__)


def _native(checkpoint: Path, tokens: int, device: str, _: str, batch: str) -> Any:  # noqa: ANN401 - a function
    from sama_bench.adapters.models.sa2va import Sa2VA
    from sama_bench.adapters.models.sama import Sama

    model = (Sa2VA if "sa2va" in checkpoint.name else Sama)(str(checkpoint), device=device, batch=int(batch))
    model.longest = tokens
    return model.predict_all


def _released(checkpoint: Path, tokens: int, device: str, checkout: str, reuse: str) -> Any:  # noqa: ANN401
    from sama_bench.adapters.models.sama_released import Sama

    bert = checkpoint / "bert-base-uncased"
    adapter = Sama(
        str(checkpoint), repo=Path(checkout), bert=bert, device=device, reuse=reuse == "yes", trust_remote_code=True
    )
    adapter._loaded.model.gen_config.max_new_tokens = tokens
    return _asking(adapter)


def _released_tiny(checkpoint: Path, tokens: int, device: str, checkout: str, reuse: str) -> Any:  # noqa: ANN401
    """The released code with SAM 2 and the Q-Formers made as small as the checkpoint, which it cannot do itself."""
    import torch

    sys.path.insert(0, str(TESTS / "sama"))
    import freeze  # type: ignore[import-not-found]

    from sama_bench.adapters.models.sama_released.video_cache import Once
    from sama_bench.adapters.shared.sama_prompt import forward_arguments

    freeze.stand_in(Path(checkout))
    model, tokenizer = freeze.load(checkpoint)
    model.gen_config.max_new_tokens = tokens

    def ask(questions: Sequence[Question]) -> Iterator[Prediction]:
        pictures = [Image.fromarray(questions[0].video.frame(index)) for index in range(len(questions[0].video))]
        kept = Once(model, pictures, device) if reuse == "yes" else None
        for question in questions:
            with torch.inference_mode():
                said = model.predict_forward(
                    video=pictures, tokenizer=tokenizer, **forward_arguments(question, 32, every=False)
                )
            yield Prediction(said["prediction"], said["prediction_masks"] or [])
        if kept is not None:
            kept.end()

    return ask


def _released_sa2va(checkpoint: Path, tokens: int, device: str, _: str, __: str) -> Any:  # noqa: ANN401
    from sama_bench.adapters.models.sa2va_released import Sa2VA

    adapter = Sa2VA(str(checkpoint), device=device, trust_remote_code=True)
    adapter._model.gen_config.max_new_tokens = tokens
    return _asking(adapter)


def _released_tiny_sa2va(checkpoint: Path, tokens: int, device: str, checkout: str, _: str) -> Any:  # noqa: ANN401
    """The released code with SAM 2 made as small as the checkpoint, which it cannot do itself."""
    assert device == "cpu", "the tiny sizes of the released code are for the CPU alone"
    sys.path.insert(0, str(TESTS / "sa2va"))
    import freeze

    adapter = freeze.open_adapter(checkpoint.name.rsplit("-", 2)[0], Path(checkout), checkpoint)
    adapter._model.gen_config.max_new_tokens = tokens
    return _asking(adapter)


def _asking(adapter: Any) -> Any:  # noqa: ANN401 - a function
    """What asks an adapter that takes one question at a time."""

    def ask(questions: Sequence[Question]) -> Iterator[Prediction]:
        adapter.open(questions[0].video)
        yield from map(adapter.predict, questions)
        adapter.close()

    return ask


def _film(folder: Path, frames: int, size: tuple[int, int]) -> Video:
    """A video of coarse noise, written where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index}.png" for index in range(frames)]
    rng = np.random.default_rng(0)
    for path in paths:
        coarse = rng.integers(0, 256, (6, 8, 3), np.uint8)
        if not path.exists():
            Image.fromarray(coarse).resize(size[::-1]).save(path)
    return Video("film", "mevis", size, tuple(paths))


def _questions(film: Video, task: str, count: int) -> list[Question]:
    mask = np.zeros((len(film), *film.size), bool)
    mask[:, film.size[0] // 4 : film.size[0] // 2, film.size[1] // 4 : film.size[1] // 2] = True
    region = Region(rle.encode_track(mask), film.size)
    return [Question(Key(task, str(n)), film, WORDS[task].format(n), (region,)) for n in range(count)]


def make(folder: Path, model: str, size: str, checkout: Path | None, *, grounded: bool = True) -> None:
    """Write a checkpoint of random weights in bfloat16 (tiny: float32), with the checkout's code where there is one."""
    import torch
    from safetensors.torch import save_file

    from sama_bench.adapters.models.sama import tiny
    from sama_bench.adapters.models.sama.config import Sam2Sizes, Sizes

    language = LANGUAGES[size]
    small = Sizes(
        width=48, heads=4, feed_forward=96, spatial_layers=4, window=96,
        sam2=Sam2Sizes(image=256, hiera_width=16, hiera_heads=1, blocks=(1, 2, 2, 1), global_blocks=(4,),
                       windows=(8, 4, 7, 8)),
    )  # fmt: skip
    vision = () if size == "tiny" else (1024, 24, 16, 4096)
    own = tiny.TinyLanguage(language.width, language.layers, language.heads, language.key_heads, language.feed_forward,
                            *vision)  # fmt: skip
    sizes = small if size == "tiny" else Sizes()
    if model == "sama":
        shapes = tiny.released_shapes(
            tiny.write_all_but_weights(folder, language.kind, sizes, own, tokens=language.tokens)
        )
    else:
        shapes = _of_sa2va(folder, language, sizes, own, two_decoders=model == "sa2va-i")
    dtype = torch.float32 if size == "tiny" else torch.bfloat16
    block = torch.randn(1 << 24, generator=torch.Generator().manual_seed(0)).to(dtype)
    held = {name: _random(block, shape) for name, shape in shapes.items()}
    _chain(held, folder, language, grounded=grounded)
    if model == "sama":
        held |= {name: torch.arange(512)[None] for name in tiny.DROPPED}
    names, count = sorted(held), 1 if size == "tiny" else 4
    files = (
        ["model.safetensors"]
        if count == 1
        else [f"model-{part + 1:05}-of-{count:05}.safetensors" for part in range(count)]
    )
    for part, file in enumerate(files):
        save_file({name: held[name] for name in names[part::count]}, folder / file, {"format": "pt"})
    if count > 1:  # The released code reads the files that this one lists, and no others.
        index = {"metadata": {}, "weight_map": {name: files[place % count] for place, name in enumerate(names)}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    if checkout is not None:
        _add_code(folder, checkout, model)


def _of_sa2va(folder: Path, language: Language, sizes: Any, own: Any, *, two_decoders: bool) -> dict[str, Any]:  # noqa: ANN401
    """Write all but the weights of a Sa2VA; the shapes of these by their released keys."""
    from sama_bench.adapters.models.sa2va.config import Sa2vaConfig
    from sama_bench.adapters.models.sa2va.model import Sa2vaModel
    from sama_bench.adapters.models.sama import tiny

    sam2 = {"sam2": sizes.to_json()["sam2"]}
    content = tiny.write_config_and_tokenizer(folder, language.kind, own, sam2, tokens=language.tokens)
    config = Sa2vaConfig.read(content)
    return tiny.shapes_of(lambda: Sa2vaModel(config, two_decoders=two_decoders), config)


def _random(block: Any, shape: tuple[int, ...]) -> Any:  # noqa: ANN401 - tensors
    """Numbers out of a block of random ones, as large as the shape wants; gains of norms are ones."""
    import torch

    if len(shape) < 2:
        return torch.ones(shape, dtype=block.dtype) * 0.5
    count = int(np.prod(shape))
    numbers = block.repeat(-(-count // len(block)))[:count].view(shape)
    return numbers / int(np.prod(shape[1:])) ** 0.5


def _chain(held: Mapping[str, Any], folder: Path, language: Language, *, grounded: bool) -> None:
    """Let each token of a ring call for the next, behind the line end that ends every prompt.

    In a grounded one [SEG] comes once a round.
    """
    import torch
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    start, seg = words.token_to_id("Ċ"), words.token_to_id("[SEG]")
    ring = [*islice(cycle(range(1, CHAIN)), CHAIN - 1), *([seg] if grounded else [])]
    head, table = (next(weights for name, weights in held.items() if name.endswith(end)) for end in (
        ("lm_head.weight", ".output.weight"), ("embed_tokens.weight", "tok_embeddings.weight")))  # fmt: skip
    table.copy_(torch.randn(table.shape, generator=torch.Generator().manual_seed(1)) / language.width**0.5)
    head.zero_()
    for before, after in pairwise([start, *ring, ring[0]]):
        head[after] += 8 * table[before]
    silent = ("o_proj.weight", "down_proj.weight", "wo.weight", "w2.weight")
    for name in held:
        if name.startswith("language_model.") and name.endswith(silent):
            held[name].mul_(0.01 / language.layers)


def _add_code(folder: Path, checkout: Path, model: str) -> None:
    for path in (checkout / CODE[model] / "hf" / "models").glob("*.py"):
        shutil.copy(path, folder / path.name)
    content = json.loads((folder / "config.json").read_text("utf-8"))
    content["auto_map"] = {
        "AutoConfig": "configuration_sa2va_chat.Sa2VAChatConfig",
        "AutoModel": f"{MODULE[model]}.Sa2VAChatModel",
    }
    (folder / "config.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
