import io
import json
import resource
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sama_bench.benchmarks.sama.mask_scan import Scan, ScanError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
characters = st.characters(exclude_categories=["Cs"])


@settings(max_examples=200, deadline=None)
@given(
    content=st.dictionaries(st.text(characters, max_size=6), values, max_size=6),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
def test_a_scan_finds_what_json_finds_whatever_the_chunks_cut(tmp_path_factory, content, chunk, indent, ascii_only):
    raw = json.dumps(content, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return
    items = list(Scan(tmp_path_factory.getbasetemp(), io.BytesIO(raw), chunk))
    found = {item.key: json.loads(raw[item.offset : item.offset + item.length].decode()) for item in items}
    assert found == content
    assert list(found) == list(content)


@pytest.mark.parametrize("number", ["12345", "-0.5e-7", "1e+10", "true", "null", "-Infinity", '"\\ud83d\\ude00"'])
def test_no_value_is_taken_for_whole_where_a_chunk_cuts_it(tmp_path, number):
    raw = f'{{"a": {number}}}'.encode()
    for chunk in range(1, len(raw) + 1):
        [item] = Scan(tmp_path, io.BytesIO(raw), chunk)
        assert item.value == json.loads(number)
        assert raw[item.offset : item.offset + item.length].decode() == number


def test_the_line_and_column_of_a_fault_are_those_of_an_editor(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'{"a": [],\n\n  "b": [1, 2}')
    with path.open("rb") as file, pytest.raises(ScanError, match="line 3, column 13"):
        list(Scan(path, file, 4))


def test_the_digest_is_that_of_the_whole_file_also_after_a_fault(tmp_path):
    import hashlib

    path = tmp_path / "x.json"
    path.write_bytes(b'{"a": oops' + b" " * 1000)
    with path.open("rb") as file:
        scan = Scan(path, file, 4)
        with pytest.raises(ScanError):
            list(scan)
        assert scan.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="needs a limit on memory")
@pytest.mark.parametrize("first", ["[]", "[oops"])
def test_memory_is_that_of_a_chunk_not_of_the_file(tmp_path, first):
    path = tmp_path / "large.json"
    mask = '"%d": ["' + "x" * 100_000 + '"],'
    with path.open("w") as file:
        file.write('{"first": ' + first + ",")
        for number in range(600):
            file.write(mask % number)
        file.write('"last": []}')
    code = (
        "import sys, tracemalloc\n"
        "from pathlib import Path\n"
        "from sama_bench.benchmarks.sama.mask_scan import Scan, ScanError\n"
        "tracemalloc.start()\n"
        "path = Path(sys.argv[1])\n"
        "with path.open('rb') as file:\n"
        "    try: print(sum(1 for _ in Scan(path, file, 1 << 20)))\n"
        "    except ScanError: print('fault')\n"
        "print(tracemalloc.get_traced_memory()[1] >> 20)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    entries, peak = done.stdout.split()
    assert entries == ("602" if first == "[]" else "fault")
    assert int(peak) < 12
