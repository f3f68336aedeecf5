"""Data as scripts: a browser does not let a page read other files from a file system, but runs scripts from there."""

from __future__ import annotations

import json

# What could end the script element, or begin one, where somebody puts the file into a page of HTML.
ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def script(name: str, value: object) -> str:
    """A script that gives `value` to the page under `name`.

    It is plain ASCII (so U+2028 is escaped, too), and without `<`, `>` and `&`, whatever texts are in it.
    """
    text = json.dumps([name, value], ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character, instead in ESCAPED.items():
        text = text.replace(character, instead)
    return f"sama.put(...{text});\n"
