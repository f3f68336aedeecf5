"""GroundMoRe: questions about motion, answered by the mask of who moves while it does."""
