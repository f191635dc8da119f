"""Small drawn pictures that stand for photos of finished work; real JPEG files without any metadata."""

import io
from random import Random

from PIL import Image, ImageDraw

from linli.matters import media
from linli.matters.drafting import File

WIDTH, HEIGHT = 480, 360


def keep(count: int, seed: int) -> list[File]:
    """*count* pictures for a seed, kept by the media store: a street, houses, a lamp, a tree, a mended spot."""
    rng = Random(f"photos {seed}")
    return [media.store(_one(rng)) for _ in range(count)]


def _one(rng: Random) -> bytes:
    light = rng.randint(-50, 30)
    picture = Image.new("RGB", (WIDTH, HEIGHT), _shade((176, 200, 222), light))
    pen = ImageDraw.Draw(picture)
    ground = rng.randint(200, 250)
    left = 0
    while left < WIDTH:
        wide, high = rng.randint(50, 120), rng.randint(60, 170)
        wall = _shade(rng.choice([(196, 178, 160), (168, 164, 158), (214, 202, 184), (150, 128, 112)]), light)
        pen.rectangle((left, ground - high, left + wide, ground), fill=wall)
        for x in range(left + 8, left + wide - 14, 22):
            for y in range(ground - high + 10, ground - 16, 28):
                pen.rectangle((x, y, x + 11, y + 15), fill=_shade((92, 108, 122), light))
        left += wide + rng.randint(0, 14)
    pen.rectangle((0, ground, WIDTH, HEIGHT), fill=_shade((122, 122, 120), light))
    pen.rectangle((0, ground, WIDTH, ground + 22), fill=_shade((170, 166, 158), light))
    lamp = rng.randint(40, WIDTH - 40)
    pen.line((lamp, ground - 120, lamp, ground + 20), fill=(70, 70, 74), width=5)
    pen.ellipse((lamp - 16, ground - 132, lamp + 16, ground - 112), fill=(244, 232, 176))
    tree = rng.randint(30, WIDTH - 30)
    pen.rectangle((tree - 5, ground - 50, tree + 5, ground + 12), fill=(96, 74, 54))
    pen.ellipse((tree - 42, ground - 118, tree + 42, ground - 36), fill=_shade((76, 122, 70), light))
    spot = rng.randint(120, WIDTH - 170)
    pen.ellipse((spot, ground + 46, spot + 110, ground + 84), fill=_shade((92, 92, 94), light))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def _shade(colour: tuple[int, int, int], by: int) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, part + by)) for part in colour)
    return red, green, blue
