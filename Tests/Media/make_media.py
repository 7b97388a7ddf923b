"""Makes the pictures and sounds of the tests, and what Pillow, NumPy and SciPy read from them.

Needs pillow, numpy and scipy. Run it from any folder; two runs give the same files.

    expected.npz    decoded, NAME_png for NAME.png; `stretch` and `larger`: rgb.png resized
    crop.npy        the middle of rgb.png, normalised as ImageNet's networks take it, channels first
"""

import pathlib
import wave

import numpy as np
from PIL import Image
from scipy.io import wavfile

HERE = pathlib.Path(__file__).resolve().parent
SIZE = (21, 14)
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def picture():
    """Waves of three lengths and a sharp corner."""
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    waves = [127 + 120 * np.sin(x / 3 + y / 5), 127 + 120 * np.cos(x / 7 - y / 2), 12 * x]
    image = np.stack(waves, axis=-1).clip(0, 255).astype(np.uint8)
    image[:5, :6] = (250, 20, 130)
    return image


def pictures(expected):
    image = picture()
    rgb = Image.fromarray(image)
    alpha = Image.fromarray(np.full(image.shape[:2], 90, np.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    files = {
        "rgb.png": rgb, "gray.png": rgb.convert("L"), "rgba.png": rgba,
        "palette.png": rgb.quantize(16), "bits.png": rgb.convert("1"),
        "rgb.jpg": rgb, "gray.jpg": rgb.convert("L"), "fine.jpg": rgb,
    }
    for name, content in files.items():
        quality = {"quality": 95, "subsampling": 0} if name == "fine.jpg" else {}
        content.save(HERE / name, **quality)
        with Image.open(HERE / name) as read:
            mode = "L" if read.mode in ("L", "1") else "RGB"
            expected[name.replace(".", "_")] = np.array(read.convert(mode))
    return rgb


def resized(expected, rgb):
    """Stretched to 8 × 6, and the middle 8 × 8 of the picture at 10 along the shorter side."""
    expected["stretch"] = np.array(rgb.resize((8, 6), Image.BILINEAR))
    wide = int(10 * SIZE[0] / SIZE[1])
    middle = rgb.resize((wide, 10), Image.BILINEAR)
    left, top = (wide - 8) // 2, 1
    cut = np.array(middle.crop((left, top, left + 8, top + 8)))
    normal = ((cut / np.float32(255) - MEAN) / STD).transpose(2, 0, 1)
    np.save(HERE / "crop.npy", np.ascontiguousarray(normal, np.float32))
    expected["larger"] = np.array(rgb.resize((40, 30), Image.BILINEAR))


def tone(count, length=17.0):
    return 0.8 * np.sin(np.arange(count) / length)


def written(name, frames, channels, width):
    with wave.open(str(HERE / name), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(16000)
        file.writeframes(frames)


def sounds(expected):
    wide = (tone(60) * 2**31).astype("<i4")
    short = (tone(60) * 2**15).astype("<i2")
    written("pcm16.wav", short.tobytes(), 1, 2)
    expected["pcm16_wav"] = (short / 2**15).astype(np.float32)
    written("pcm24.wav", wide.view("u1").reshape(-1, 4)[:, 1:].tobytes(), 1, 3)
    expected["pcm24_wav"] = ((wide >> 8) / 2**23).astype(np.float32)
    written("pcm32.wav", wide.tobytes(), 1, 4)
    expected["pcm32_wav"] = (wide / 2**31).astype(np.float32)
    bytes_ = (128 + 100 * np.stack([tone(60), tone(60, 5.0)], axis=1)).astype(np.uint8)
    written("stereo8.wav", bytes_.tobytes(), 2, 1)
    expected["stereo8_wav"] = ((bytes_.astype(float) - 128) / 128).mean(axis=1).astype(np.float32)
    wavfile.write(HERE / "float32.wav", 8000, tone(60).astype(np.float32))
    expected["float32_wav"] = tone(60).astype(np.float32)
    for name in ("pcm16", "pcm32"):
        rate, read = wavfile.read(HERE / f"{name}.wav")
        scale = 2 ** (8 * read.dtype.itemsize - 1)
        assert rate == 16000 and np.allclose(read / scale, expected[f"{name}_wav"])


def main():
    expected = {}
    resized(expected, pictures(expected))
    sounds(expected)
    np.savez_compressed(HERE / "expected.npz", **expected)


if __name__ == "__main__":
    main()
