"""What damage does to a file: bytes that flip or go, and JSON or YAML in which one part is something else.

`mutants` gives the damaged contents of one file, the same ones for the same seed. Structured damage knows where a
document's parts lie and puts odd values there; damage of bytes knows nothing. The documents are written by `write`,
which can say what `json.dumps` cannot: a key twice, a whole number of any length, a nesting of any depth.
"""

import copy
import json
import os
import random
import re
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Raw:
    """A text that `write` puts into a document as it is."""

    text: str


def deep_list(levels):
    return Raw("[" * levels + "]" * levels)


def deep_object(levels):
    return Raw('{"a":' * levels + "1" + "}" * levels)


SEED = os.environ.get("FUZZ_SEED", "")  # another one tries other inputs
# What a reader may meet in any place.
ODD = (
    None, True, False, 0, 1, -1, 2, 7.3, -0.5, 0.0, -0.0, 1e-300, 1e308, -1e308, 2**31, 2**63 - 1, -(2**63), 2**64,
    Raw("9" * 400), Raw("-" + "9" * 400), Raw("1" + "0" * 5000), Raw("NaN"), Raw("Infinity"), Raw("-Infinity"),
    Raw("1e999"), "", " ", "0", "1", "null", "g", "paper", "a" * 100_000, "\x00", "\n", "\x1b[31m", "é", "🙂",
    "\u202e", Raw(r'"\ud800"'), Raw(r'"a\udc00b"'), Raw(r'"\ud83d\ude42"'),
    "../../etc/passwd", "%s%n{0}{}", "2024-13-45",
    [], [[]], [None], [0], [1, 2], [0.2, 0.1], [0.1, 0.2], ["a", "b"], [0] * 1000, [[0]], [{}], [True, False],
    {}, {"": 0}, {"a": None}, {"a": {"b": 1}}, {"a": []}, {"g": {}}, {"mean": {}, "videos": {}}, {"\x00": 1},
    {"1": 2}, {"__class__": "x"}, {"key": [1]}, {"size": [-1, -1], "counts": ""},
    deep_list(30), deep_list(63), deep_list(64), deep_list(65), deep_list(700), deep_list(5000),
    deep_object(30), deep_object(63), deep_object(64), deep_object(65), deep_object(700), deep_object(5000),
)  # fmt: skip
# What a column of SQLite may hold.
OF_ANY_TYPE = (None, 0, -1, 7.5, float("inf"), "", "x", "é", b"", b"\xff\xfe", "9" * 400, "\x00", "a" * 10_000)
BYTES = b'\x00\x01\x7f\x80\xff"{}[],:-+.0919eE\\\n '
HELD = re.compile(r'"\\u0001(\d+)\\u0001"')
KEYS = ("", "a", "g", "c", "x", "paper", "strict", "mean", "\x00", "é", "1", "null", "a" * 1000, "J&F", "format")


def write(value):
    """A document as JSON, which is YAML, too; each `Raw` in it as it is."""
    texts = []

    def held(one):
        texts.append(one.text)
        return f"\x01{len(texts) - 1}\x01"

    written = json.dumps(value, default=held)
    return HELD.sub(lambda match: texts[int(match[1])], written) if texts else written


def places(value):
    """Every place of a document as a path of keys and indices, the outermost, (), first."""
    found = [()]
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(name, *rest) for rest in places(one)]
    return found


def inside(document, path):
    """The part of a document that lies at a path."""
    for step in path:
        document = document[step]
    return document


def changed(document, path, value):
    """The document with another value at a path; it shares what lies elsewhere."""
    if not path:
        return value
    outer = copy.copy(document)
    outer[path[0]] = changed(document[path[0]], path[1:], value)
    return outer


def restructured(document, chance, known=None):
    """The document with one part that is another one: odd, gone, twice, renamed, moved, of another type.

    `known` are its `places`, where they were looked up before.
    """
    known = known or places(document)
    path = chance.choice(known)
    kind = chance.choice(("odd", "odd", "odd", "odd", "gone", "twice", "renamed", "added", "swapped", "type", "number"))
    if kind in {"gone", "twice", "renamed"} and path:
        return changed(document, path[:-1], _beside(kind, inside(document, path[:-1]), path[-1], chance))
    if kind == "swapped":
        return changed(document, path, inside(document, chance.choice(known)))
    return changed(document, path, _instead(kind, inside(document, path), chance))


def _instead(kind, here, chance):
    """What stands in the place of a value."""
    if kind == "type":
        return chance.choice(_other_types(here))
    if kind == "number" and isinstance(here, (int, float)):
        return chance.choice((-here, here + 1, here * 1.5, here * 1000, float(here), -1, 1e9))
    if kind == "added" and isinstance(here, dict):
        return {**here, chance.choice(KEYS): chance.choice(ODD)}
    if kind == "added" and isinstance(here, list):
        return [*here, chance.choice([*ODD, *here])]
    return chance.choice(ODD)


def _beside(kind, outer, step, chance):
    """The object or list without what lies at `step`, or with that twice, or under another name."""
    if isinstance(outer, list):
        return [*outer[:step], *([outer[step]] * (2 * (kind != "gone"))), *outer[step + 1 :]]
    if kind == "twice":
        return Raw(f"{write(outer)[:-1]},{write({step: chance.choice([outer[step], *ODD])})[1:]}")
    name = chance.choice(KEYS) if kind == "renamed" else None
    pairs = [(name if one == step else one, value) for one, value in outer.items()]
    return {one: value for one, value in pairs if one is not None}


def _other_types(value):
    if isinstance(value, dict):
        return [list(value), list(value.values()), [list(pair) for pair in value.items()], write(value)[:1000]]
    if isinstance(value, list):
        return [{str(n): one for n, one in enumerate(value)}, value[::-1], value[:1], "".join(map(str, value))[:1000]]
    return [str(value), [value], {"a": value}, {str(value): value}, f"{value}é"]


def bitten(content, chance):
    """The bytes with some that flipped, went, came in between, stand twice, or were overwritten."""
    kind = chance.choice(("flip", "flip", "cut", "insert", "delete", "twice", "zero", "moved", "byte", "byte"))
    start = chance.randrange(len(content) + 1)
    length = min(chance.choice((1, 2, 4, 16, 100, 1000)), len(content) - start)
    part, rest = content[start : start + length], content[start + length :]
    if kind == "flip":
        found = bytearray(content)
        for _ in range(chance.choice((1, 1, 1, 5, 50))):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
        return bytes(found)
    if kind == "cut":
        return content[:start]
    if kind == "byte":
        return content[:start] + bytes([chance.choice(BYTES)]) + content[start + 1 :]
    if kind == "insert":
        return content[:start] + chance.randbytes(chance.choice((1, 4, 100))) + content[start:]
    if kind == "moved":
        to = chance.randrange(len(rest) + 1)
        return content[:start] + rest[:to] + part + rest[to:]
    return content[:start] + {"delete": b"", "twice": part + part, "zero": bytes(length)}[kind] + rest


def mutants(content, seed, count, document=None):
    """`count` damaged versions of a file's bytes; with `document`, its value, two thirds have damaged structure."""
    chance, known = random.Random(f"{seed}{SEED}"), places(document)
    for _ in range(count):
        if document is None or chance.random() < 1 / 3:
            yield bitten(content, chance)
        else:
            damaged = restructured(document, chance, known)
            while chance.random() < 0.15 and not isinstance(damaged, Raw):
                damaged = restructured(damaged, chance)
            yield write(damaged).encode("utf-8", "surrogatepass")


def mutated_rows(database, seed, count):
    """`count` statements with their values, each of which damages the rows of one column in a SQLite database.

    Of a column with JSON the structure is damaged, of packed tracks what they unpack to; of all others the type.
    """
    chance = random.Random(f"{seed}{SEED}")
    columns = [
        (table, column[1])
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for column in database.execute(f"PRAGMA table_info({table})").fetchall()
    ]
    for _ in range(count):
        table, column = chance.choice(columns)
        yield _mutated_row(database, table, column, chance)


def _mutated_row(database, table, column, chance):
    values = [row[0] for row in database.execute(f"SELECT {column} FROM {table}").fetchall()]
    value = chance.choice(values) if values else None
    odd = chance.choice(
        (None, 0, -1, 7.5, float("inf"), "", "x", "é", b"", b"\xff\xfe", "9" * 400, "\x00", "a" * 10_000)
    )
    if isinstance(value, bytes) and chance.random() < 0.8:
        odd = _packed(value, chance)
    elif isinstance(value, str) and value[:1] in {"{", "["} and chance.random() < 0.8:
        odd = next(mutants(value.encode(), chance.random(), 1, json.loads(value)))
        odd = odd.decode() if chance.random() < 0.9 and _is_text(odd) else odd
    return f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {column} IS ?", (odd, value)


def _packed(value, chance):
    """Tracks whose structure is damaged before they are packed; now and then the packed bytes."""
    try:
        inner = zlib.decompress(value)
        document = json.loads(inner)
    except (zlib.error, ValueError):
        return bitten(value, chance)
    if chance.random() < 0.2:
        return bitten(value, chance)
    return zlib.compress(next(mutants(inner, chance.random(), 1, document)))


def _is_text(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
