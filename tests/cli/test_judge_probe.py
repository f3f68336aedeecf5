import json

import pytest

VERDICT = {"reason": "", "score": 50}


@pytest.mark.slow
def test_a_probe_shows_its_rates_and_asks_nothing_again(town, desk, tmp_path, warm_cache):
    class Same(desk.Desk):
        asked = 0

        def answer(self, request):
            self.asked += 1
            return desk.Answer(desk.said(json.dumps(VERDICT)))

    same = Same()
    environment = {"SAMA_BENCH_CACHE": str(warm_cache(tmp_path / "cache")), "OPENAI_API_KEY": "key"}
    command = ("judge", "probe", "--judge", "wise", "--template", "clair", "--limit", 5)
    with desk.beside(same) as url:
        done = town(*command, "--base-url", url, "--json", "rates.json", **environment)
        assert done.returncode == 0, done.stderr
        first = same.asked
        assert town(*command, "--base-url", url, **environment).returncode == 0
    assert same.asked == first > 0
    assert "injected instruction" in done.stdout
    rates = json.loads((town.folder / "rates.json").read_text())["rates"]
    assert {one["count"] for one in rates} == {0}
    assert all(one["n"] > 0 for one in rates if one["best"] == 0)


@pytest.mark.slow
def test_a_dry_run_of_a_probe_needs_no_key(town):
    done = town("judge", "probe", "--judge", "gpt-4.1-mini", "--limit", 2, "--dry-run", OPENAI_API_KEY="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "requests" in done.stdout
