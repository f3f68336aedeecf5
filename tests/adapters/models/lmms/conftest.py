from pathlib import Path

import pytest

from sama_bench.run.registry import adapter_class


@pytest.fixture
def stand_in(monkeypatch):
    """Makes the adapter of a model that lmms-eval knows as `stand_in` (or `stand_in_chat`); gives both."""
    pytest.importorskip("lmms_eval")
    from lmms_eval.models import MODEL_REGISTRY_V2 as REGISTRY
    from lmms_eval.models.registry_v2 import ModelManifest

    monkeypatch.syspath_prepend(str(Path(__file__).parent / "models"))
    for known in ("_manifests", "_alias_to_model_id"):
        monkeypatch.setattr(REGISTRY, known, dict(getattr(REGISTRY, known)))
    REGISTRY.register_manifest(ModelManifest("stand_in", "stand_in.StandIn", aliases=("standing_in",)))
    REGISTRY.register_manifest(ModelManifest("stand_in_chat", "stand_in.StandIn", "stand_in.StandInChat"))
    REGISTRY.register_manifest(ModelManifest("stand_in_lacking", "no_such_package.Model"))
    REGISTRY.register_manifest(ModelManifest("stand_in_absent", "lmms_eval.models.simple.no_such_module.Model"))

    def make(name="stand_in", *, trust=False, **args):
        adapter = adapter_class(f"lmms:{name}")(**args, trust_remote_code=trust)
        import stand_in as module

        return adapter, module.StandIn.made.pop()

    return make
