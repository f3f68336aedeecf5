"""ReVOS: expressions that refer, that ask for reasoning, and that name what is not there."""
