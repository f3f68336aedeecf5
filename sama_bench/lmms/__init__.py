"""lmms-eval, both ways: our tasks and adapters there."""
