"""Frames cut from the mp4s of VidSTG, as SAMA's released script cuts them and as the videos have them."""
