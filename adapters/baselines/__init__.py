"""Models without weights: the ends of the scale, and what can be measured without learning anything."""
