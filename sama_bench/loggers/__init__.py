"""Where the scores of a run are sent when a user asks for it: trackers of experiments, and what plug-ins bring."""
