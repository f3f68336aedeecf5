import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory, warm_cache):
    return warm_cache(tmp_path_factory.mktemp("cache") / "cache")


@pytest.fixture(autouse=True)
def demo(cache, monkeypatch):
    """The demo is what is asked, rendered once; lmms-eval and datasets keep what they keep beside it."""
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(cache))
    monkeypatch.setenv("LMMS_EVAL_DATASETS_CACHE", str(cache / "datasets"))
    monkeypatch.delenv("SAMA_BENCH_ROOT", raising=False)
