"""OLE compound files (Word 97, WPS, encrypted Office packages): which streams they hold and their first bytes."""

from __future__ import annotations

import struct

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # from here on sector numbers are marks: end of chain, free, allocation table
_MAX_SECTORS = 400_000  # 200 MB of 512-byte sectors: a chain that is longer runs in a circle


def streams(data: bytes) -> dict[str, bytes]:
    """Names of all streams of a compound file with the first sector of each; empty when the directory is broken.

    A stream too small for sectors of its own ("mini stream") is listed with no bytes.
    """
    if len(data) < 512 or not data.startswith(MAGIC):
        return {}
    shift = int.from_bytes(data[30:32], "little")
    if shift not in (9, 12):
        return {}
    size = 1 << shift
    cutoff = int.from_bytes(data[56:60], "little")
    table = _allocation_table(data, size)
    found: dict[str, bytes] = {}
    for sector in _chain(table, int.from_bytes(data[48:52], "little")):
        block = data[size * (sector + 1) : size * (sector + 2)]
        for entry in (block[i : i + 128] for i in range(0, len(block) - 127, 128)):
            length = min(int.from_bytes(entry[64:66], "little"), 64)
            if entry[66] != 2 or length < 2:  # 2 marks a stream
                continue
            start, stream_size = struct.unpack_from("<II", entry, 116)
            first = b"" if stream_size < cutoff else data[size * (start + 1) : size * (start + 2)]
            found[entry[: length - 2].decode("utf-16-le", "replace")] = first
    return found


def _allocation_table(data: bytes, size: int) -> list[int]:
    sectors = list(struct.unpack_from("<109I", data, 76))
    following = int.from_bytes(data[68:72], "little")
    for _ in range(_MAX_SECTORS * 4 // size):
        if following >= _END or size * (following + 2) > len(data):
            break
        block = struct.unpack_from(f"<{size // 4}I", data, size * (following + 1))
        sectors += block[:-1]
        following = block[-1]
    table: list[int] = []
    for sector in sectors:
        if sector < _END and size * (sector + 2) <= len(data):
            table += struct.unpack_from(f"<{size // 4}I", data, size * (sector + 1))
    return table


def _chain(table: list[int], sector: int) -> list[int]:
    chain: list[int] = []
    seen: set[int] = set()
    while sector < len(table) and sector not in seen:
        seen.add(sector)
        chain.append(sector)
        sector = table[sector]
    return chain
