"""Numbers that money can be sent to, counted in posts: wallets, bank cards, bank accounts (IBAN).

Only what its own checksum proves counts, so that dates, prices, phone numbers and ids stay silent: Base58Check and
BIP 173/350 (Bitcoin, Litecoin, Dogecoin, Tron), EIP-55 (Ethereum and its kin), Monero's Keccak, TON's CRC-16; ISO/IEC
7812's Luhn digit under the ranges of known card systems; ISO 13616's remainder of 97. Two things have no checksum to
ask: an Ethereum address in one case, and cards of Uzcard and Humo, which count by their first digits and length.
Words inside links do not count. Numbers are counted and nothing else: no number leaves this file.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from binascii import crc_hqx
from collections.abc import Callable, Iterator
from hashlib import sha256

import polars as pl

from seawall.signals.rules.keccak import keccak_256
from seawall.signals.text import without_links

COUNTED = ("n_wallets", "n_cards", "n_ibans")
_MOST = 32  # candidates looked at in one post
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_SPACE = r" \u00a0\-"
_MAYBE = (  # all that may hold a number, and little else
    rf"\d[\d{_SPACE}{_INVISIBLE}]{{13,}}\d"
    rf"|[0-9A-Za-z+/_{_INVISIBLE}-]{{26}}"
    rf"|[A-Za-z]{{2}}\d\d[{_SPACE}{_INVISIBLE}]?[0-9A-Za-z]{{4}}"
)
_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VERSIONS = {0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x41}  # Bitcoin, Litecoin, Dogecoin, Tron
_MONERO = {18, 19, 42}  # standard, integrated, subaddress
_MONERO_BLOCKS = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}  # letters of a block -> its bytes
_TON = {0x11, 0x51}  # to be bounced or not, on the main network


def counts(texts: pl.Series) -> pl.DataFrame:
    """How many different wallets, cards and bank accounts stand in each text; nothing where there is no text."""
    rows = texts.str.contains(_MAYBE).arg_true()
    said = texts.gather(rows).to_frame("t").select(without_links(pl.col("t"))).to_series()
    seen = said.str.replace_all(f"[{_INVISIBLE}]", "").str.normalize("NFKC")
    found = [[0] * len(texts) for _ in COUNTED]
    for row, text in zip(rows, seen, strict=True):
        for column, finds in zip(found, (_wallets, _cards, _ibans), strict=True):
            column[row] = len(set(finds(text)))
    return pl.DataFrame(dict(zip(COUNTED, found, strict=True)), dict.fromkeys(COUNTED, pl.Int64))


# --- wallets ----------------------------------------------------------------------------------------------------------


def _wallets(text: str) -> Iterator[str]:
    for pattern, proves in _KINDS:
        for _, its in zip(range(_MOST), pattern.finditer(text), strict=False):
            if proves(its[0]):
                yield its[0].casefold() if its[0][:2] in ("0x", "0X") else its[0]


def _base58_number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 58 + _B58.index(letter)
    return number


def _base58check(text: str) -> bool:
    number, nought = _base58_number(text), len(text) - len(text.lstrip("1"))
    data = bytes(nought) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    body, check = data[:-4], data[-4:]
    return len(body) == 21 and body[0] in _VERSIONS and sha256(sha256(body).digest()).digest()[:4] == check


def _bech32(text: str) -> bool:
    """BIP 173 for the first version of a program, BIP 350 for later ones."""
    if text.lower() != text != text.upper():
        return False
    name, _, rest = text.lower().rpartition("1")
    data = [_BECH32.find(letter) for letter in rest]
    if -1 in data or len(data) < 8:
        return False
    sum_of = 1
    for value in (*[ord(c) >> 5 for c in name], 0, *[ord(c) & 31 for c in name], *data):
        top, sum_of = sum_of >> 25, (sum_of & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            sum_of ^= part if top >> bit & 1 else 0
    return sum_of == (1 if data[0] == 0 else 0x2BC830A3)


def _ethereum(text: str) -> bool:
    """EIP-55: capitals follow the hash of the address; one in small letters, or in capitals, has no checksum."""
    body = text[2:]
    if len(set(body.lower())) < 8:  # a pattern, not an address: all noughts, dead beef
        return False
    if body in (body.lower(), body.upper()):
        return True
    marks = keccak_256(body.lower().encode()).hex()
    return all(c.isdigit() or c.isupper() is (int(mark, 16) > 7) for c, mark in zip(body, marks, strict=False))


def _monero(text: str) -> bool:
    """Base58 in blocks of 8 bytes; the last four bytes are of the Keccak hash of what stands before."""
    data = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        number, size = _base58_number(block), _MONERO_BLOCKS.get(len(block), 0)
        if not size or number >= 1 << (8 * size):
            return False
        data += number.to_bytes(size, "big")
    return data[0] in _MONERO and keccak_256(data[:-4])[:4] == data[-4:]


def _ton(text: str) -> bool:
    """The form for people: kind, workchain, hash and a CRC-16 (XMODEM), in 48 letters of Base64."""
    data = urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    return data[0] in _TON and data[1] in (0x00, 0xFF) and crc_hqx(data[:34], 0) == int.from_bytes(data[34:], "big")


def _alone(pattern: str) -> re.Pattern[str]:
    """A run of these letters that is no part of a longer one."""
    return re.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])")


_IN_58 = "[1-9A-HJ-NP-Za-km-z]"
_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_alone(rf"[13LM9ADT]{_IN_58}{{25,34}}"), _base58check),
    (_alone(r"(?:bc1|ltc1)[02-9ac-hj-np-z]{11,87}|(?:BC1|LTC1)[02-9AC-HJ-NP-Z]{11,87}"), _bech32),
    (_alone(r"0[xX][0-9a-fA-F]{40}"), _ethereum),
    (_alone(rf"[48]{_IN_58}{{94}}(?:{_IN_58}{{11}})?"), _monero),
    (re.compile(r"(?<![0-9A-Za-z+/_-])[EU]Q[0-9A-Za-z+/_-]{46}(?![0-9A-Za-z+/_=-])"), _ton),
)


# --- cards ------------------------------------------------------------------------------------------------------------

_CARD = re.compile(r"(?<![\d+.,/:-])\d{4}([ \u00a0-]?)\d{4}\1\d{4}\1\d{4}(?![\d/:]|[ -]\d{3,4}(?!\d))")
_UNCHECKED = ("8600", "5614", "9860")  # Uzcard and Humo publish no check digit


def _cards(text: str) -> Iterator[str]:
    for _, its in zip(range(_MOST), _CARD.finditer(text), strict=False):
        digits = "".join(str(int(c)) for c in its[0] if c.isdigit())
        if len(set(digits[4:])) > 2 and (digits.startswith(_UNCHECKED) or (_issued(digits) and _luhn(digits))):
            yield digits


def _issued(digits: str) -> bool:
    """Whether a card system gives out such numbers: Visa, Mastercard, Mir, UnionPay, Troy."""
    two, four = int(digits[:2]), int(digits[:4])
    return (
        digits[0] == "4" or 51 <= two <= 55 or 2221 <= four <= 2720 or 2200 <= four <= 2205 or two == 62 or four == 9792
    )


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# --- bank accounts ----------------------------------------------------------------------------------------------------

_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[0-9A-Za-z]){11,30}")
_LONG = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


def _ibans(text: str) -> Iterator[str]:
    for _, its in zip(range(_MOST), _IBAN.finditer(text), strict=False):
        whole = re.sub(r"[^0-9A-Za-z]", "", its[0]).upper()
        account = whole[: _LONG.get(whole[:2], 0)]
        if account and len(account) == _LONG[whole[:2]] and _remainder(account) == 1:
            yield account


def _remainder(account: str) -> int:
    return int("".join(str(int(c, 36)) for c in account[4:] + account[:4])) % 97
