"""SAMA-239K, the training data beside SAMA-Bench: what it holds, what is wrong in it, what it shares with that.

The form is what SAMA's released data set classes read (sunye23/SAMA 7c75e44, projects/llava_sam2/datasets,
VideoRegionConv_Dataset.py and VideoRegionCaptioning_Dataset.py).
"""
