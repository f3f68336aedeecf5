"""What the task files beside this name: pictures of one colour, and questions about them."""

import os
import time

from PIL import Image


def pictures(doc):
    return [Image.new("RGB", (16, 12), doc["colour"])]


def words(doc, options=None):
    first, second = doc["choices"]
    return f"Which colour is it?\nA. {first}\nB. {second}\nAnswer with the letter."


def bad_words(doc, options=None):
    if doc["colour"] == "green":
        raise KeyError("no words for green")
    return words(doc)


def points(doc, results):
    return {"points": 100.0 * (results[0] == doc["answer"]), "undefined": float("nan")}


def unscored(doc, results):
    raise KeyError(f"no result for {doc['colour']}")


def total(items):
    return sum(items)


def written(items):
    return None


def gone(doc):
    raise SystemExit("video path: a.mp4 does not exist, please check")


def held(items):
    """Waits until the process is ended, but for the one who says that all is well."""
    while not os.environ.get("MENDED"):
        time.sleep(0.05)
    return sum(items)
