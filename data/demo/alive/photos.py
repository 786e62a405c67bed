"""Small invented photos, as somebody on the spot would send them: some hundred different ones, so that a store of them stays small."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

DIFFERENT = 300
_SIZE = (320, 240)


def draw_photo(number: int) -> bytes:
    """A JPEG of some kilobytes: sky, houses, a road and something on it. The same number gives the same picture.

    Args:
        number: which one; taken modulo ``DIFFERENT``.
    """
    dice = random.Random(number % DIFFERENT)
    width, height = _SIZE
    picture = Image.new("RGB", _SIZE, (dice.randint(150, 210), dice.randint(170, 220), dice.randint(200, 245)))
    pen = ImageDraw.Draw(picture)
    for x in range(0, width, 40):
        top, grey = dice.randint(30, 130), dice.randint(90, 190)
        pen.rectangle((x, top, x + dice.randint(25, 45), 170), fill=(grey, grey - dice.randint(0, 30), grey - dice.randint(0, 40)))
    pen.polygon([(0, height), (width, height), (width // 2 + 60, 160), (width // 2 - 60, 160)], fill=(95, 95, 100))
    for _ in range(dice.randint(3, 9)):
        x, y, size = dice.randint(60, 250), dice.randint(175, 220), dice.randint(5, 22)
        pen.ellipse((x, y, x + size, y + size // 2), fill=(dice.randint(40, 220), dice.randint(40, 200), dice.randint(30, 160)))
    written = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.8)).save(written, "JPEG", quality=70)
    return written.getvalue()
