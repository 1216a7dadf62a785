"""Numbers that money can be sent to: counted where their checksum holds, and ordinary numbers are none."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from binascii import crc_hqx

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.signals.control import sentences
from seawall.signals.rules import NamedList, RulesSignal
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.keccak import keccak_256
from seawall.signals.rules.payments import COUNTED, counts
from seawall.signals.rules.signal import as_posts
from signals.payment_numbers import BITCOIN, CARD, ETHEREUM, GENESIS, IBAN, MONERO, TAPROOT, TRON

PLANTED = ["8600 1234 5678 9012", "9860 1234 5678 9012", "TR33 0006 1005 1978 6457 8413 26"]


def told(text: str) -> tuple[int, int, int]:
    """Wallets, cards and bank accounts in a text."""
    return counts(pl.Series([text])).row(0)


def _ton(key: bytes, kind: int = 0x51) -> str:
    data = bytes([kind, 0]) + key
    return urlsafe_b64encode(data + crc_hqx(data, 0).to_bytes(2, "big")).decode()


TON = _ton(bytes(range(32)))
WALLETS = [BITCOIN, BITCOIN.upper(), TAPROOT, GENESIS, ETHEREUM, ETHEREUM.lower(), TRON, MONERO, TON]


def test_keccak_is_the_one_before_the_standard() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert keccak_256(bytes(136)) != keccak_256(bytes(135)) != hashlib.sha3_256(bytes(135)).digest()


@pytest.mark.parametrize("wallet", WALLETS)
@pytest.mark.parametrize("around", ["{}", "send it here: {}.", "кошелек {}، جزاكم الله", "({})", "\u200b{}\u200f"])
def test_wallets_are_counted_wherever_they_stand(wallet: str, around: str) -> None:
    assert told(around.format(wallet)) == (1, 0, 0)


@given(st.sampled_from([w for w in WALLETS if w not in (ETHEREUM, ETHEREUM.lower())]), st.data())
def test_one_wrong_letter_makes_it_no_wallet(wallet: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(3, len(wallet) - 1))
    letters = "023456789ACDEFGHJKLMNPQRSTUVWXYZ" if wallet.isupper() else "23456789abcdefghjkmnpqrstuvwxyz"
    letter = data.draw(st.sampled_from([c for c in letters if c != wallet[place]]))
    assert told(wallet[:place] + letter + wallet[place + 1 :])[0] == 0


def test_capitals_of_an_ethereum_address_are_its_checksum() -> None:
    assert told(ETHEREUM.replace("A", "a", 1)) == (0, 0, 0)
    assert told("0x" + "0" * 40) == told("0x" + "deadbeef" * 5) == (0, 0, 0)


def test_the_same_number_twice_is_one_and_two_are_two() -> None:
    assert told(f"{BITCOIN} {BITCOIN} {TRON}") == (2, 0, 0)
    assert told(f"{CARD}, {CARD.replace(' ', '')}") == (0, 1, 0)


def test_a_part_of_a_longer_word_or_a_link_is_none() -> None:
    assert told(f"x{BITCOIN}") == told(f"{GENESIS}7") == (0, 0, 0)
    assert told(f"https://explorer.example/{GENESIS} and https://shop.example/{CARD.replace(' ', '')}") == (0, 0, 0)


@pytest.mark.parametrize(
    "card",
    [CARD, CARD.replace(" ", ""), CARD.replace(" ", "-"), "٤٠٠٠ ٠٠١٢ ٣٤٥٦ ٧٨٩٩", "４０００ ００１２ ３４５６ ７８９９",
     "8600 1234 5678 9012", "9860123456789012", "5614 6812 3456 7890", "2200 0000 0000 0053"],
)  # fmt: skip
def test_cards_are_counted_in_any_digits(card: str) -> None:
    assert told(f"Karta raqami {card}, rahmat") == (0, 1, 0)


@pytest.mark.parametrize(
    "number",
    ["4000 0012 3456 7898", "4111 1111 1111 1111", "7000 0012 3456 7891", "+998 90 123 45 67", "2026-11-22 17:30:00",
     "4000 0012 3456 7899 123", "1234567890123456", "978-3-16-148410-0", "1735689600123456", "4000-0012 34567899",
     "4,000,001,234,567,899", "8600 1234 5678", "0.4000001234567899", "room 4000, at 0012"],
)  # fmt: skip
def test_other_numbers_are_no_cards(number: str) -> None:
    assert told(f"It was {number} then") == (0, 0, 0)


@pytest.mark.parametrize(
    "iban", [IBAN, IBAN.replace(" ", ""), IBAN.lower(), f"{IBAN} BANK", "TR330006100519786457841326"]
)
def test_bank_accounts_are_counted(iban: str) -> None:
    assert told(f"IBAN: {iban}") == (0, 0, 1)


@pytest.mark.parametrize(
    "text", ["GB82 WEST 1234 5698 7654 33", "ZZ82 WEST 1234 5698 7654 32", "ABNT10 WEST12345698765432"]
)
def test_other_words_are_no_bank_accounts(text: str) -> None:
    assert told(text) == (0, 0, 0)


def test_ordinary_sentences_hold_none() -> None:
    said = [sentence for corpus in sentences().values() for sentence in corpus]
    given = [CARD, IBAN, BITCOIN, TRON, *PLANTED]  # of the charities among them
    ordinary = pl.Series([text for text in said if not any(number in text for number in given)])
    assert len(said) - len(ordinary) > 20
    assert counts(ordinary).sum().row(0) == (0, 0, 0)


@given(st.lists(st.one_of(st.text(), st.sampled_from([*WALLETS, CARD, IBAN]), st.text("0123456789 -", max_size=40))))
def test_any_text_is_counted_and_alone_or_together_the_same(texts: list[str]) -> None:
    together = counts(pl.Series([*texts, None], dtype=pl.String)).rows()
    assert together == [*map(told, texts), (0, 0, 0)]


def test_a_rule_asks_for_them_and_charity_without_its_list_is_silent() -> None:
    lists = {"cause": NamedList("cause", "phrases", "cause", ("arm the lamp keepers",))}
    text = """id = "r"
version = 1
conduct = "financing"
title = "t"
author = "a"
why = "w"
languages = ["en"]
where = "hits('cause') >= 1 AND (n_wallets >= 1 OR n_cards >= 1 OR n_ibans >= 1)"
posts = 1
weight = 0.7
matches = ["x"]
silent = ["y"]
"""
    signal = RulesSignal([parse_rule(text, lists)], lists)
    said = [f"Arm the lamp keepers {number}" for number in ("", "soon", BITCOIN, CARD, IBAN)]
    said += [f"For the orphans: {BITCOIN} {CARD} {IBAN}"]
    assert signal.match(as_posts(said))["post_id"].to_list() == ["2", "3", "4"]
    assert signal.could_match(as_posts(said))["post_id"].to_list() == ["2", "3", "4"]
    assert set(COUNTED) == {"n_wallets", "n_cards", "n_ibans"}
