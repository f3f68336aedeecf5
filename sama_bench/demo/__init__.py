"""The demo benchmark: nine short scenes that the program draws itself, with dialogues that are true of them."""

from sama_bench.demo.render import demo_root, refimage_root, refvos_root, render

__all__ = ["demo_root", "refimage_root", "refvos_root", "render"]
