"""Which rooms (the packages and modules right below `sama_bench`) import which: upwards never, in circles never.

Every import counts, also one within a function or for types alone: a reader has to follow it, too.
"""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTERFACE = "the interface of models"
# What a model is to the core lies in the room of the models, and imports none of them.
INTERFACE_MODULES = {
    "sama_bench.adapter",
    "sama_bench.grounder",
    "sama_bench.adapters.base",
    "sama_bench.adapters.many",
    "sama_bench.adapters.grounders.base",
}
FRONT_DOOR = "sama_bench"  # shows names of the rooms below it
ENTRIES = {FRONT_DOOR, "__main__", "cli", "leaderboard"}
# Circles that stand, as pairs of rooms: with each, why, and what would undo it.
KNOWN_CIRCLES = set()


def modules():
    found = {}
    for folder in ("sama_bench", "adapters", "leaderboard", "metrics", "tasks"):
        for file in (ROOT / folder).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts if folder == "sama_bench" else ("sama_bench", *parts))
            found[name.removesuffix(".__init__")] = file
    return found


MODULES = modules()


def room(module):
    if module in INTERFACE_MODULES:
        return INTERFACE
    return ([*module.split("."), ""])[1] or FRONT_DOOR


def imported(tree):
    """The modules of ours that a module imports.

    The package itself, for its version and its place, is none of them. `callable_package`, which lets a room be called
    as the front door's function of its name, takes that function from the package when it is called.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("sama_bench."))
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            source = node.module or ""
            if source.split(".")[0] == "sama_bench":
                names = [f"{source}.{alias.name}" for alias in node.names if alias.name != "__version__"]
                yield from (name if name in MODULES else source for name in names)


@pytest.fixture(scope="module")
def arrows():
    """For each room the rooms that it imports, and where."""
    found = defaultdict(lambda: defaultdict(set))
    for module, file in MODULES.items():
        for name in imported(ast.parse(file.read_text(encoding="utf-8"))):
            if room(name) != room(module):
                found[room(module)][room(name)].add(f"{module} imports {name}")
    return found


def reached(arrows, start):
    seen, left = set(), [start]
    while left:
        for target in arrows.get(left.pop(), ()):
            if target not in seen:
                seen.add(target)
                left.append(target)
    return seen


def test_rooms_are_seen_at_all(arrows):
    assert {"metrics", "types", INTERFACE} <= set(arrows["run"])
    assert {"api", "files"} <= set(arrows["cli"])


def test_no_room_imports_itself_by_a_way_round(arrows):
    reach = {name: reached(arrows, name) for name in [*arrows]}
    found = {
        frozenset((one, other)): places
        for one, targets in arrows.items()
        for other, places in targets.items()
        if one in reach.get(other, ()) and frozenset((one, other)) not in KNOWN_CIRCLES
    }
    assert not found, "\n".join(sorted(line for places in found.values() for line in places))


@pytest.mark.parametrize("target", ["cli", FRONT_DOOR])
def test_commands_and_the_front_door_are_imported_by_nobody(arrows, target):
    found = {name: targets[target] for name, targets in arrows.items() if target in targets and name != "__main__"}
    assert not found, found


def test_metrics_import_nothing_of_ours(arrows):
    assert not arrows["metrics"], dict(arrows["metrics"])


@pytest.mark.parametrize("target", ["adapters", "leaderboard"])
def test_the_core_imports_no_model_and_no_table_of_many_runs(arrows, target):
    # a command that asks several models shows their table
    allowed = {"cli"} if target == "leaderboard" else set()
    found = {name: targets[target] for name, targets in arrows.items() if target in targets and name not in allowed}
    assert not found, found


def test_only_entries_import_the_python_functions_and_the_leaderboard_no_command(arrows):
    found = {name: targets["api"] for name, targets in arrows.items() if "api" in targets and name not in ENTRIES}
    assert not found, found


def lines_of_docstring(node):
    first = node.body[0]
    return first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0


def test_functions_fit_on_a_screen():
    """They have at most 60 lines beside their docstrings, which are the reference where they are public."""
    long = [
        f"{file}:{node.lineno} {node.name}: {lines} lines"
        for file in sorted(MODULES.values())
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := node.end_lineno - node.lineno + 1 - lines_of_docstring(node)) > 60
    ]
    assert long == []


def names_in(node, context):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


def test_no_variable_of_a_comprehension_hides_what_another_one_beside_it_calls():
    """CPython 3.12.1 takes the name in the other one for the variable, and raises UnboundLocalError."""
    hidden = []
    for name, file in MODULES.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module_names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        module_names |= {alias.asname or alias.name for node in tree.body
                         if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}  # fmt: skip
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            sides = [node for node in ast.walk(function) if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp)]
            variables = {id(side): names_in(side, ast.Store) for side in sides}
            hidden += [
                f"{name}.{function.name}: {word}"
                for side in sides
                for other in sides
                if side is not other
                for word in variables[id(side)] & module_names & (names_in(other, ast.Load) - variables[id(other)])
            ]
    assert not hidden


def annotations(body):
    """The annotations of public functions, methods and fields."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from annotations(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if not node.name.startswith("_") or node.name.startswith("__"):
                given = (
                    *node.args.posonlyargs,
                    *node.args.args,
                    *node.args.kwonlyargs,
                    node.args.vararg,
                    node.args.kwarg,
                )
                yield from (one.annotation for one in given if one is not None and one.annotation is not None)
                yield from [] if node.returns is None else [node.returns]
        elif isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
            yield node.annotation


# How many `Any` are left in what the rooms offer: lower a number when one goes; to raise it takes a reason. Most are
# JSON: of ours on its way to a page or a worker, of strangers until its shape is checked. Beside that:
MOST_ANY = {
    "sama_bench": 1,  # a function of the front door, whichever
    "adapters": 61,  # models, tokenizers and tensors: PyTorch is not there when types are checked
    "benchmarks": 5,  # entries of the data sets, and values of pickles, until they are checked
    "cli": 4,  # options as click gives them
    "demo": 4,
    "files": 2,
    "judge": 13,  # values within a template, as jinja2's sandbox hands them over
    "leaderboard": 5,  # matplotlib's style
    "llm_client": 6,  # what the openai package takes and gives
    "lmms": 23,  # objects of lmms-eval
    "metrics": 2,  # classes of Java
    "run": 13,  # the types that a constructor may ask for, and what sqlite3 takes
    "score": 4,
    "types": 1,  # what a benchmark's own measure wants to know of a truth
    "verdicts": 5,
    "worker": 10,
}


def test_any_becomes_no_more():
    found = Counter()
    for module, file in MODULES.items():
        for annotation in annotations(ast.parse(file.read_text(encoding="utf-8")).body):
            found[room(module)] += sum(isinstance(one, ast.Name) and one.id == "Any" for one in ast.walk(annotation))
    assert {name: count for name, count in sorted(found.items()) if count > MOST_ANY.get(name, 0)} == {}
