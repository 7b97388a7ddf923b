"""How long edgecc takes to quantise MobileNetV2-1.0 at 224x224 with 100 images: the whole command,
from the ONNX file to C. A second time with the images in another order, which must give the same
bytes.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import mobilenet_v2


def compiled(edgecc, folder, samples):
    """The artifact's files, and seconds."""
    output = folder / samples
    start = time.monotonic()
    subprocess.run(
        [edgecc, "model.onnx", "--target", "cpu", "--quantize", "int8", "--calibration",
         f"{samples}.npz", "-o", output, "-q"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    files = {path.relative_to(output): path.read_bytes()
             for path in output.rglob("*") if path.is_file()}
    return files, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edgecc", default=".build/release/edgecc", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=100)
    arguments = parser.parse_args()
    edgecc = arguments.edgecc.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        mobilenet_v2.write(folder, arguments.images, seed=0)
        first, seconds = compiled(edgecc, folder, "calibration")
        second, again = compiled(edgecc, folder, "shuffled")
    print(f"MobileNetV2-1.0-224, {arguments.images} images: {seconds:.1f} s, shuffled {again:.1f} s")
    if first != second:
        sys.exit("the order of the images shows in the artifact")
    print("the same bytes in either order")


if __name__ == "__main__":
    main()
