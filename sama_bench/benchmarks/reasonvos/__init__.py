"""ReasonVOS: phrases and sentences that ask for reasoning about a video."""
