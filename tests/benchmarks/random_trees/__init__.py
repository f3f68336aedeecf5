"""Random small trees of the sets, with answers for them, and the formulas of the released scorers written once more."""
