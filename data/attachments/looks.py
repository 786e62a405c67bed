"""What a photo looks like, as 64 bits: photos that look alike differ in few of them, whatever their size.

The bits are a difference hash (Krawetz 2013, “dHash”): the picture in grey, 9 × 8 pixels; each bit says whether a pixel is brighter than
its neighbour on the left.
"""

import io

from PIL import Image

BITS = 64
ALIKE_BITS = 12
"""Two photos that differ in at most so many bits show the same. Of photos that have nothing to do with each other about half of the bits
differ: were they thrown like coins, fewer than one pair in a million would differ in so few.
"""
_WIDTH, _HEIGHT = 9, 8
_ABOVE = 1 << 63


def describe_looks(picture: bytes) -> int:
    """The bits of a photo as a number of PostgreSQL's ``bigint``; 0 for a picture without any structure, which says nothing.

    Args:
        picture: a JPEG or PNG that we made, for example its thumbnail.
    """
    with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as opened:
        small = opened.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)
    grey = small.tobytes()
    bits = 0
    for row in range(_HEIGHT):
        for left in range(_WIDTH - 1):
            at = row * _WIDTH + left
            bits = bits << 1 | (grey[at + 1] > grey[at])
    return bits - 2 * _ABOVE if bits >= _ABOVE else bits


def count_different_bits(one: int, other: int) -> int:
    """In how many of the 64 bits two photos differ: their Hamming distance."""
    return ((one ^ other) & (2 * _ABOVE - 1)).bit_count()
