"""Ref-SAV's evaluation set: long and short descriptions of objects in SA-V's videos."""
