"""Whether a checkpoint may pass: a paired test over videos against a baseline, corrected for several metrics."""
