"""Code that knows no attention but FlashAttention's: what it needs is told before anything is loaded."""

from __future__ import annotations

from sama_bench.adapter import Need
from sama_bench.adapters.shared.preflight import on_cuda

MODULE = "flash_attn"
PIP = "pip install flash-attn --no-build-isolation"
DTYPES = ("bfloat16", "float16")


def problems(device: str, dtype: str, whose: str) -> list[str]:
    """The reasons why `whose` ("VideoRefer's vision encoder") cannot run on `device` in `dtype`; [] where it can.

    `auto` is CUDA where there is one. Where PyTorch is not installed, what depends on it is not told.
    """
    lines = []
    if not Need(MODULE, "").met:
        lines.append(f"not installed: {MODULE}, and {whose} knows no other attention: {PIP} (it needs CUDA)")
    if not on_cuda(device) and (device != "auto" or Need("torch", "").met):
        cause = " PyTorch finds no CUDA here, and" if device == "auto" else ""
        lines.append(f"device={device}:{cause} {whose} runs on CUDA alone, as its attention is flash-attn's")
    if dtype not in {"auto", *DTYPES}:
        lines.append(f"dtype={dtype}: {whose} runs in {' or '.join(DTYPES)} alone (flash-attn)")
    return lines
