"""A small reader of Mapbox Vector Tiles, for tests: layers, properties and geometry in tile units (specification 2.1)."""

import struct
from collections.abc import Iterator
from typing import Any

Field = tuple[int, int, Any]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[Field]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, kind, value
        else:
            length = {1: 8, 5: 4}.get(kind)
            if length is None:
                length, at = _varint(data, at)
            yield number, kind, data[at : at + length]
            at += length


def _packed(data: bytes) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(data: bytes) -> Any:
    number, _, raw = next(iter(_fields(data)))
    if number == 1:
        return raw.decode()
    if number in (2, 3):
        return struct.unpack("<f" if number == 2 else "<d", raw)[0]
    return {6: _zigzag, 7: bool}.get(number, int)(raw)


def _parts(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            parts[-1].append(parts[-1][0])
            continue
        for _ in range(count):
            x, y = x + _zigzag(commands[at]), y + _zigzag(commands[at + 1])
            at += 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts


def _layer(data: bytes) -> tuple[str, list[dict[str, Any]]]:
    fields = list(_fields(data))
    keys = [raw.decode() for number, _, raw in fields if number == 3]
    values = [_value(raw) for number, _, raw in fields if number == 4]
    features = []
    for raw in (raw for number, _, raw in fields if number == 2):
        parts = {number: value for number, _, value in _fields(raw)}
        tags = _packed(parts.get(2, b""))
        properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        features.append({**properties, "parts": _parts(_packed(parts[4]))})
    return next(raw.decode() for number, _, raw in fields if number == 1), features


def read(tile: bytes) -> dict[str, list[dict[str, Any]]]:
    """Features of each layer: their properties, and ``parts``, lists of (x, y)."""
    return dict(_layer(raw) for number, _, raw in _fields(tile) if number == 3)
