"""The models that lmms-eval finds by the entry-point group `lmms_eval.models`."""

from __future__ import annotations

from lmms_eval.models.registry_v2 import ModelManifest


def manifests() -> list[ModelManifest]:
    """Our one model there, which is any of our adapters."""
    return [ModelManifest(model_id="sama_bench", simple_class_path="sama_bench.lmms.model.SamaBench")]
