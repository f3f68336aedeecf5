import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from sama_bench.errors import UserError
from sama_bench.llm_client import Reply, Request, ResponseCache

ASKED = Request([{"role": "user", "content": "Who?"}], "m", {"temperature": 0})


def test_a_reply_is_found_again_by_another_process_and_says_that_it_is_kept(tmp_path):
    with closing(ResponseCache(tmp_path / "a" / "cache.sqlite")) as cache:
        cache.put(ASKED, Reply("me", "m-1", 3, 4))
    with closing(ResponseCache(tmp_path / "a" / "cache.sqlite")) as cache:
        assert cache.get(ASKED) == Reply("me", "m-1", 3, 4, cached=True)


def test_one_that_was_closed_opens_the_file_again(tmp_path):
    cache = ResponseCache(tmp_path / "cache.sqlite")
    for n in range(2):
        cache.put(replace(ASKED, sample=n), Reply(str(n), "m"))
        cache.close()
        cache.close()
    (tmp_path / "cache.sqlite").rename(tmp_path / "moved.sqlite")  # nothing of it is open, so its log is gone, too
    assert [path.name for path in tmp_path.iterdir()] == ["moved.sqlite"]
    with closing(ResponseCache(tmp_path / "moved.sqlite")) as moved:
        assert [moved.get(replace(ASKED, sample=n)).text for n in range(2)] == ["0", "1"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, model="n"),
        replace(ASKED, sample=1),
        replace(ASKED, parameters={"temperature": 1}),
        replace(ASKED, messages=[{"role": "user", "content": "Who"}]),
    ],
)
def test_anything_else_is_another_request(tmp_path, other):
    with closing(ResponseCache(tmp_path / "cache.sqlite")) as cache:
        cache.put(ASKED, Reply("me", "m-1"))
        assert cache.get(other) is None
        assert cache.get(replace(ASKED, parameters=dict(reversed(ASKED.parameters.items())))) is not None


def test_threads_may_write_together(tmp_path):
    cache = ResponseCache(tmp_path / "cache.sqlite")

    def put(start):
        for n in range(start, 200, 4):
            cache.put(replace(ASKED, sample=n), Reply(str(n), "m"))

    threads = [threading.Thread(target=put, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(cache):
        assert [cache.get(replace(ASKED, sample=n)).text for n in range(200)] == [str(n) for n in range(200)]


def test_what_is_no_cache_is_told_in_a_line(tmp_path):
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(UserError, match="damaged"):
        ResponseCache(path)
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as database, database:
        database.execute("PRAGMA user_version = 7")
    with pytest.raises(UserError, match="version 7"):
        ResponseCache(tmp_path / "new.sqlite")


def test_a_folder_in_place_of_the_file_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be read or written"):
        ResponseCache(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        "{}", "[]", "3", '"a"', "{", "[" * 100_000, '{"text":3,"model":"m"}', '{"text":"a","model":null}',
        '{"text":"a","model":"m","tokens_in":"1"}', '{"text":"a","model":"m","tokens_in":-1}',
        '{"text":"a","model":"m","tokens_in":true}', '{"text":"a","model":"m","refusal":[]}',
        '{"text":"a","model":"m","cached":[[]]}', '{"text":"a","model":"m","other":1}', b"\xff\xfe", 7, None,
    ],
)  # fmt: skip
def test_a_reply_that_is_damaged_is_told_in_a_line(tmp_path, content):
    path = tmp_path / "cache.sqlite"
    cache = ResponseCache(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE reply")
        database.execute("CREATE TABLE reply (key TEXT PRIMARY KEY, json)")
        database.execute("INSERT INTO reply VALUES (?, ?)", (ASKED.key, content))
    with closing(cache), pytest.raises(UserError, match=r"damaged .*; move it away") as refusal:
        cache.get(ASKED)
    assert len(refusal.value.lines()[0]) < 500
