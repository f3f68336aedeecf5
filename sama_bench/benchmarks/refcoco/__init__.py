"""RefCOCO, RefCOCO+ and RefCOCOg: expressions for objects in COCO's images; an image is a video of one frame."""
