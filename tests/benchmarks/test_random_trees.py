"""Random trees, with answers that lack what people's folders lack: `released` is what the formulas give, written anew.

`python tests/benchmarks/test_random_trees.py SET SEED OUT` writes one of them, to be scored by whatever else there is.
"""

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco
from scipy.optimize import linear_sum_assignment

import sama_bench as sb

from .random_trees import formulas
from .random_trees.masks import clip, mask, near, packed, spoil, write_answers, write_pictures

SEEDS = range(4)
EXACT = {"abs": 1e-9, "rel": 0}
SINGLE = {"abs": 1e-6, "rel": 0}


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def write_frames(root, clips, top):
    for one in clips:
        (root / top / one.name).mkdir(parents=True)
        for name in one.frames:
            Image.new("L", one.size[::-1], 90).save(root / top / one.name / f"{name}.jpg")


def clips_of(seed, names, **how):
    draw = np.random.default_rng(seed)
    clips = [clip(draw, name, 10 * n, **how) for n, name in enumerate(names)]
    if not any(one.expressions for one in clips):
        clips[0].expressions["0"] = ([*clips[0].objects][:1], 0)
        clips[0].answers["0"] = near(draw, clips[0].added("0") > 0)
    spoil(draw, clips)
    if not any(one.answers for one in clips):
        first = next(one for one in clips if one.expressions)
        first.answers = {number: near(draw, first.added(number) > 0) for number in first.expressions}
        first.lacking = {}
    return clips


def scored(root, answers, tasks=None):
    scores = sb.score(root, answers, tasks=tasks, processes=1, phrases="words", tell=lambda _: None)
    return scores.mean


def agree(mean, task, protocol, expected, digits=EXACT):
    """Each number of a protocol, absent where no expression has one."""
    for name, value in expected.items():
        if np.isnan(value):
            with pytest.raises(sb.UserError):
                mean(task, protocol, name)
        else:
            assert mean(task, protocol, name) == pytest.approx(value, **digits), (protocol, name)


def means(pairs):
    """J, F and J&F of expressions' pairs; NaN of none."""
    j, f = (np.mean([pair[n] for pair in pairs]) if pairs else np.nan for n in (0, 1))
    return {"J": j, "F": f, "J&F": (j + f) / 2}


def as_mevis_scores(clips, *, first="00000"):
    """Pairs of J and F of the expressions that enter eval_mevis.py's mean.

    A video without a folder: 0. Of others an expression whose files are not all there, or in a folder without the
    picture whose size is taken, ends its worker and enters nothing.
    """
    pairs = []
    for one in clips:
        for number in one.expressions:
            if not one.answers:
                pairs.append((0.0, 0.0))
            elif number in one.answers and not one.lacking.get(number) and (first or one.frames[0]) in one.frames:
                pairs.append(formulas.j_and_f(one.added(number) > 0, one.answers[number]))
    return pairs


def mevis(root, seed):
    clips = clips_of(seed, ["clip_b", "clip_a", "x_1_2", "lonely"])
    meta = {
        one.name: {
            "frames": one.frames,
            "vid_id": n,
            "expressions": {
                number: {"exp": f"thing {number}", "obj_id": ids, "anno_id": ids}
                for number, (ids, _) in one.expressions.items()
            },
        }
        for n, one in enumerate(clips)
    }
    write(root / "valid_u/meta_expressions.json", {"videos": meta})
    tracks = {str(id_): packed(own) for one in clips for id_, own in one.objects.items()}
    write(root / "valid_u/mask_dict.json", tracks)
    write_frames(root, clips, "valid_u/JPEGImages")
    return clips


@pytest.mark.parametrize("seed", SEEDS)
def test_mevis_and_what_its_scorer_leaves_out(seed, tmp_path):
    clips = mevis(tmp_path / "mevis", seed)
    task = "mevis" if all(ids for one in clips for ids, _ in one.expressions.values()) else "mevis2"
    answers = write_answers(tmp_path / "answers", clips, value=(255, 1)[seed % 2])
    mean = scored(tmp_path / "mevis", answers, task)
    agree(mean, task, "released", means(as_mevis_scores(clips)))
    strict = [
        formulas.j_and_f(one.added(number) > 0, one.answers[number])
        if number in one.answers and not one.lacking.get(number)
        else (0.0, 0.0)
        for one in clips
        for number in one.expressions
        if one.added(number).any()
    ]
    agree(mean, task, "strict", means(strict))


def davis(root, seed):
    clips = clips_of(seed, ["swan", "bus"], empty=False, twice=False)
    draw = np.random.default_rng(seed + 1000)
    meta, masks = {}, []
    for one in clips:
        begin = 3 * (seed == 3 and one.name == "bus")
        one.frames = [f"{begin + n:05d}" for n in range(one.length)]
        one.objects = {n + 1: own for n, own in enumerate(one.objects.values())}
        one.expressions = {str(4 * (n - 1) + k): ([n], 0) for n in one.objects for k in range(4)}
        one.lacking = {number: one.frames[:1] for number in one.lacking if number in one.expressions}
        one.answers = {
            number: near(draw, one.added(number) > 0) for number in one.expressions if draw.random() < 0.9
        } if one.answers else {}  # fmt: skip
        meta[one.name] = {
            "frames": one.frames,
            "expressions": {
                number: {"exp": "it", "obj_id": str(ids[0])} for number, (ids, _) in one.expressions.items()
            },
        }
        labels = draw.random((one.length, *one.size)) < 0.03  # void
        for name, void in zip(one.frames, labels, strict=True):
            (root / "valid/Annotations" / one.name).mkdir(parents=True, exist_ok=True)
            path = root / "valid/Annotations" / one.name / f"{name}.png"
            Image.fromarray(void.astype(np.uint8) * 255).save(path)
        one.void = labels
    for one in sorted(clips, key=lambda one: one.name):
        masks += [packed(one.added(number) > 0) for number in sorted(one.expressions)]
    write(root / "meta_expressions/valid/meta_expressions.json", {"videos": meta})
    bytes_ = [[one and {**one, "counts": one["counts"].encode()} for one in own] for own in masks]
    (root / "valid").mkdir(exist_ok=True)
    (root / "valid/mask_dict.pkl").write_bytes(pickle.dumps({str(n): own for n, own in enumerate(bytes_)}, 4))
    write_frames(root, clips, "valid/JPEGImages")
    return clips


@pytest.mark.parametrize("seed", SEEDS)
def test_davis_by_expression(seed, tmp_path):
    clips = davis(tmp_path / "davis17", seed)
    if not any(one.answers for one in clips):
        clips[0].answers = {number: clips[0].added(number) > 0 for number in clips[0].expressions}
    answers = write_answers(tmp_path / "answers", clips)
    agree(scored(tmp_path / "davis17", answers), "davis17", "released-expression", means(as_mevis_scores(clips)))


def as_davis2017_scores(one, annotator):
    """Pairs of J and F of an annotator's objects: laid into one image, void left out, re-assigned by the best J&F."""
    numbers = [4 * (n - 1) + annotator for n in sorted(one.objects)]
    labels = np.zeros((one.length, *one.size), int)
    for rank in reversed(range(len(numbers))):
        labels[one.answers[str(numbers[rank])]] = rank + 1
    trues = [one.added(str(number)) > 0 for number in numbers]
    seen = max((rank + 1 for rank, true in enumerate(trues) if true[0].any()), default=0)
    both = np.array([
        [formulas.j_and_f(true & ~one.void, (labels == rank + 1) & ~one.void) for true in trues[:seen]]
        for rank in range(len(numbers))
    ]).reshape(len(numbers), seen, 2)  # fmt: skip
    rows, columns = linear_sum_assignment(-both.mean(axis=2))
    return [tuple(both[pair]) for pair in zip(rows, columns, strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
def test_davis_by_annotator(seed, tmp_path):
    clips = davis(tmp_path / "davis17", seed)
    draw = np.random.default_rng(seed)
    for one in clips:
        one.lacking = {}
        one.answers = {number: near(draw, one.added(number) > 0) for number in one.expressions}
    answers = write_answers(tmp_path / "answers", clips)
    each = [means([pair for one in clips for pair in as_davis2017_scores(one, k)]) for k in range(4)]
    expected = {name: np.mean([own[name] for own in each]) for name in each[0]}
    agree(scored(tmp_path / "davis17", answers), "davis17", "released-annotator", expected)


def typed(root, seed, listing, images, types):
    clips = clips_of(seed, ["TAO/b", "a", "TAO/c"] if images else ["sav_001b", "sav_000a"], types=types)
    for number, (ids, _) in enumerate(clips[0].expressions.values()):  # each type is there
        clips[0].expressions[str(number)] = (ids, types[number % len(types)])
    meta = {
        one.name: {
            "frames": one.frames,
            "height": one.size[0],
            "width": one.size[1],
            "expressions": {
                number: {"exp": "it", "obj_id": ids, "anno_id": ids, "type_id": kind}
                for number, (ids, kind) in one.expressions.items()
            },
        }
        for one in clips
    }
    write(root / listing, {"videos": meta})
    tracks = {str(id_): packed(own) for one in clips for id_, own in one.objects.items()}
    write(root / "mask_dict.json", tracks)
    write_frames(root, clips, images or "videos")
    return clips


def groups(values, clips, names):
    """Means of what was rounded in percent, of each group of types and of both groups."""
    found = {}
    numbers = dict(zip(("J", "F", "A", "R"), range(4), strict=False))
    for type_, name in enumerate(names):
        own = [
            values[one.name, number]
            for one in clips
            for number, (_, kind) in one.expressions.items()
            if kind == type_ and (one.name, number) in values
        ]
        for letter, place in numbers.items():
            if own and place < len(own[0]):
                found[f"{letter}_{name}"] = np.mean([round(100 * each[place], 2) for each in own]) / 100
    for letter in numbers:
        both = [found.get(f"{letter}_{name}", np.nan) for name in names]
        if any(key.startswith(f"{letter}_") for key in found):
            found[letter] = np.mean(both)
    return found


def revos(root, seed):
    clips = typed(root, seed, "meta_expressions_valid_.json", "JPEGImages", (0, 1, 2))
    foreground = {}
    for one in clips:
        named = {id_ for ids, _ in one.expressions.values() for id_ in ids}
        union = (
            np.any([one.objects[id_] for id_ in named], axis=0) if named else np.zeros((one.length, *one.size), bool)
        )
        one.foreground = union
        masks = [whole(each) for each in union]
        foreground[one.name] = {"masks_rle": masks, "foreground_ratio": [float(each.mean()) for each in union]}
    write(root / "mask_dict_foreground.json", foreground)
    return clips


@pytest.mark.parametrize("seed", SEEDS)
def test_revos_with_predictions_as_255_and_as_1(seed, tmp_path):
    clips = revos(tmp_path / "revos", seed)
    answers = write_answers(tmp_path / "answers", clips)
    mean = scored(tmp_path / "revos", answers)
    for white in (255, 1):
        values = {}
        for one in clips:
            for number in one.expressions:
                values[one.name, number] = (0.0, 0.0, 0.0, 0.0)
                if number in one.answers and not one.lacking.get(number):
                    added, said = one.added(number), one.answers[number]
                    pixels = said.astype(np.uint8) * np.uint8(white)
                    values[one.name, number] = (
                        *formulas.j_and_f(added > 0, said),
                        formulas.accuracy(added, pixels),
                        formulas.robustness(added, pixels, one.foreground),
                    )
        agree(mean, "revos", f"released-{white}", groups(values, clips, ("referring", "reasoning")))


@pytest.mark.parametrize("seed", SEEDS)
def test_ref_sav_of_two_codes(seed, tmp_path):
    clips = typed(tmp_path / "sav", seed, "meta_expressions_valid.json", None, (0, 1))
    for one in clips:
        one.lacking = {}  # the first of the codes reads one file of masks
    answers = write_answers(tmp_path / "answers", clips)
    mean = scored(tmp_path / "sav", answers)
    values = {
        (one.name, number): (
            *formulas.j_and_f(one.added(number) > 0, said),
            formulas.accuracy(one.added(number), said.astype(np.uint8)),
        )
        for one in clips
        for number, said in one.answers.items()
        if number in one.expressions
    }
    agree(mean, "ref-sav", "released-sa2va", groups(values, clips, ("long", "short")))
    agree(mean, "ref-sav", "released-unipixel", means(as_mevis_scores(clips, first=None)))


def reasonvos(root, seed):
    draw = np.random.default_rng(seed)
    clips = clips_of(seed, ["b", "a_1"], empty=False, twice=False)
    meta = {}
    for n, one in enumerate(clips):
        source = ("MOSE", "VIPSeg")[n]
        listed = []
        for number, (ids, _) in one.expressions.items():
            listed.append(
                {"obj_id": ids[0], "exp_id": int(number), "exp_text": "it", "is_sent": bool(draw.integers(2))}
            )
            one.expressions[number] = (ids[:1], 0)
        meta[one.name] = {"source": source, "frames": one.frames, "expressions": listed}
        for id_ in {ids[0] for ids, _ in one.expressions.values()}:
            write_pictures(root, f"Annotations/{source}_{one.name}_{id_}", one.frames, one.objects[id_])
    write(root / "meta_expressions.json", {"videos": meta})
    write_frames(root, clips, "JPEGImages")
    (root / "Annotations").mkdir(exist_ok=True)
    return clips


@pytest.mark.parametrize("seed", SEEDS)
def test_reasonvos_leaves_out_what_is_not_there(seed, tmp_path):
    clips = reasonvos(tmp_path / "ReasonVOS", seed)
    pairs = []
    for n, one in enumerate(clips):
        for number, said in one.answers.items():
            id_ = one.expressions[number][0][0]
            folder = f"{('MOSE', 'VIPSeg')[n]}_{one.name}_{id_}/{number}"
            write_pictures(tmp_path / "answers", folder, one.frames, said, one.lacking.get(number, ()))
            if not one.lacking.get(number):
                pairs.append(formulas.j_and_f(one.objects[id_], said))
    mean = scored(tmp_path / "ReasonVOS", tmp_path / "answers")
    agree(mean, "reasonvos", "released", means(pairs))


def refcoco(root, seed):
    """Three images with one to three objects of polygons, some of several parts that overlap; their true sums."""
    draw = np.random.default_rng(seed)
    images, annotations, references, sums = [], [], [], {}
    for image in range(3):
        size = (int(draw.integers(15, 40)), int(draw.integers(15, 40)))
        name = f"COCO_train2014_{image:012d}.jpg"
        images.append({"id": image, "file_name": name, "height": size[0], "width": size[1]})
        (root / "train2014").mkdir(parents=True, exist_ok=True)
        Image.new("L", size[::-1], 90).save(root / "train2014" / name)
        for _ in range(draw.integers(1, 4)):
            number = len(annotations)
            parts = [_polygon(draw, size) for _ in range(draw.integers(1, 4))]
            annotations.append({"id": number, "image_id": image, "segmentation": parts, "bbox": [0, 0, 5, 5]})
            ids = [10 * number + n for n in range(draw.integers(1, 4))]
            sentences = [{"sent_id": n, "sent": f"thing {n}", "raw": "", "tokens": []} for n in ids]
            references.append({
                "ref_id": number, "ann_id": number, "image_id": image, "category_id": 1, "file_name": "x",
                "split": "val", "sent_ids": ids, "sentences": sentences,
            })  # fmt: skip
            pixels = coco.decode(coco.frPyObjects(parts, *size)).sum(axis=2).astype(np.uint8)
            sums |= {str(id_): (image, pixels) for id_ in ids}
    write(root / "refcoco/instances.json", {"images": images, "annotations": annotations})
    (root / "refcoco/refs(unc).p").write_bytes(pickle.dumps(references, 2))
    return sums


def _polygon(draw, size):
    centre, corners = draw.uniform(0.2, 0.8, 2) * size, np.sort(draw.uniform(0, 2 * np.pi, 5))
    radius = draw.uniform(3, 12)
    points = np.stack([centre[1] + radius * np.cos(corners), centre[0] + radius * np.sin(corners)], 1)
    return np.clip(points, 0, np.array(size[::-1]) - 1).ravel().round(1).tolist()


def encoded_as_runs(summed):
    """What an encoder of 0 and 1 makes of a sum: a run begins wherever the value changes."""
    flat = summed.ravel(order="F").astype(int)
    return (np.cumsum(np.diff(flat, prepend=0) != 0) % 2).reshape(summed.shape, order="F") == 1


def ratios(pairs, extra):
    """cIoU and gIoU of pairs of masks; `extra` is added to each union of gIoU."""
    both = [((true & said).sum(), (true | said).sum()) for true, said in pairs]
    each = [inside / (union + extra) if union else 1.0 for inside, union in both]
    return {"cIoU": sum(one for one, _ in both) / sum(union for _, union in both), "gIoU": np.mean(each)}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools, of several masks
@pytest.mark.parametrize("seed", SEEDS)
def test_refcoco_of_four_codes(seed, tmp_path):
    sums = refcoco(tmp_path / "refs", seed)
    draw = np.random.default_rng(seed + 1)
    answers = {}
    for id_, (image, summed) in sums.items():
        said = near(draw, summed[None] > 0)[0]
        others = [mask(draw, summed.shape) for _ in range(draw.integers(0, 3))]
        answers[id_] = [] if image == 1 or draw.random() < 0.2 else [said, *others]  # no mask of all of an image
    if not any(answers.values()):
        answers[next(id_ for id_, (image, _) in sums.items() if image != 1)] = [np.ones_like(sums["0"][1], bool)]
    write(tmp_path / "refcoco.json", {id_: [whole(one) for one in own] or None for id_, own in answers.items()})
    mean = scored(tmp_path / "refs", tmp_path / "refcoco.json", "refcoco-val")
    rows = [(image, summed, answers[id_]) for id_, (image, summed) in sums.items()]
    firsts = [(summed, own[0] if own else np.zeros(summed.shape, bool)) for _, summed, own in rows]
    united = [(summed, np.any([np.zeros(summed.shape, bool), *own], axis=0)) for _, summed, own in rows]
    agree(mean, "refcoco-val", "released-union", ratios([(summed > 0, said) for summed, said in firsts], 0))
    of_runs = [(encoded_as_runs(summed), said) for summed, said in united]
    agree(mean, "refcoco-val", "released-sa2va", ratios(of_runs, 1e-5), SINGLE)
    once = ratios([(summed == 1, said) for summed, said in firsts], 1e-5)
    agree(mean, "refcoco-val", "released-lisa", {**once, "gIoU": once["gIoU"] * len(rows) / (len(rows) + 1e-5)}, SINGLE)
    alive = {image for image, _, own in rows if own}
    answered = [(encoded_as_runs(summed), own[0]) for _, summed, own in rows if own]
    of_sama = ratios(answered, 1e-5)
    counted = sum(image in alive for image, _, _ in rows)  # an answer without a mask is in gIoU's number alone
    of_sama["gIoU"] *= len(answered) / counted
    agree(mean, "refcoco-val", "released-sama", of_sama, SINGLE)


def whole(one):
    """An RLE also of an empty mask."""
    rle = coco.encode(np.asfortranarray(one.astype(np.uint8)))
    return {"size": rle["size"], "counts": rle["counts"].decode()}


if __name__ == "__main__":
    chosen, seed, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    clips = {"mevis": mevis, "davis": davis, "revos": revos, "reasonvos": reasonvos}[chosen](out / chosen, seed)
    write_answers(out / "answers", clips)
