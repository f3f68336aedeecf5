"""Ref-DAVIS17: expressions of four annotators for the objects of DAVIS' validation videos."""
