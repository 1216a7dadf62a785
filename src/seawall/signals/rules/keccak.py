"""Keccak-256 as Ethereum and Monero use it: the sponge with the padding from before FIPS 202, not hashlib's SHA-3."""

from __future__ import annotations

_MASK = (1 << 64) - 1
_RATE = 136  # bytes


def keccak_256(data: bytes) -> bytes:
    """The hash of short data; for long ones it is slow."""
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % _RATE))
    padded[-1] ^= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            state[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _constants() -> list[int]:
    """The round constants, from the register of eight bits that defines them."""
    made, register = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << (2**power - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        made.append(constant)
    return made


def _path() -> list[tuple[int, int]]:
    """Rho and pi: through which lanes the walk goes, and how far each is turned."""
    x, y, made = 1, 0, []
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        made.append((x + 5 * y, (step + 1) * (step + 2) // 2 % 64))
    return made


_CONSTANTS, _PATH = _constants(), _path()


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK


def _permuted(state: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        state = [lane ^ mixed[place % 5] for place, lane in enumerate(state)]
        carried = state[1]
        for place, by in _PATH:
            carried, state[place] = state[place], _turned(carried, by)
        state = [
            state[place] ^ ~state[place - place % 5 + (place + 1) % 5] & state[place - place % 5 + (place + 2) % 5]
            for place in range(25)
        ]
        state[0] ^= constant
    return [lane & _MASK for lane in state]
