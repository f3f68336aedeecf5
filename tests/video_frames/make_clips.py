"""How clips/ was made (PyAV 18.1.0): python tests/video_frames/make_clips.py. Each frame shows its number as a grey."""

import fractions
import struct
from pathlib import Path

import av
import numpy as np

OUT = Path(__file__).parent / "clips"
GAPS = [20] * 10 + [40, 60, 10, 20, 40, 60, 20, 10, 40, 20, 60, 40, 20]


def write(name, *, frames=24, b_frames=0, gaps=(), front=False):
    path = OUT / name
    with av.open(str(path), "w", options={"movflags": "faststart"} if front else {}) as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        stream.codec_context.gop_size = 12
        stream.codec_context.time_base = stream.time_base = fractions.Fraction(1, 600)
        stream.options = {"bf": str(b_frames), "crf": "10"}
        time = 0
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), 10 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = time, fractions.Fraction(1, 600)
            time += gaps[number % len(gaps)] if gaps else 20
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def main():
    OUT.mkdir(exist_ok=True)
    constant = write("constant.mp4")
    write("b_frames.mp4", b_frames=3)
    write("variable.mp4", gaps=GAPS)
    cut = write("cut_off.mp4", b_frames=2, front=True)
    cut.write_bytes(cut.read_bytes()[:-160])
    turned = bytearray(constant.read_bytes())
    matrix = turned.find(b"tkhd") + 44
    turned[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    (OUT / "turned.mp4").write_bytes(turned)


if __name__ == "__main__":
    main()
