"""What the video sets of referring expressions have in common: their JSON, wording, masks, measures and metrics."""
