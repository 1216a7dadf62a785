"""Fetching media: from named servers alone, never from a private network by a public name, within limits."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.file_server import Files
from seawall.media.fetching import Fetcher, Hosts, NotNowError, is_public
from seawall.media.shelf import PictureError

OWN = Hosts(own=("localhost",))
PRIVATE = ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
           "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4")  # fmt: skip


@pytest.fixture
def server() -> Iterator[Files]:
    its = Files({"/p.jpg": b"a picture" * 1000, "/ü b.jpg": b"other"})
    yield its
    its.stop()


def test_a_file_of_a_named_server_is_fetched(server: Files) -> None:
    fetcher = Fetcher(OWN)
    assert fetcher.fetches(server.url("/p.jpg"))
    assert fetcher.content(server.url("/p.jpg#part")) == b"a picture" * 1000
    server.moved["/old"] = "/older"
    server.moved["/older"] = server.url("/p.jpg")
    assert fetcher.content(server.url("/old")) == b"a picture" * 1000
    assert server.asked == ["/p.jpg", "/old", "/older", "/p.jpg"]


@pytest.mark.parametrize(
    "address",
    ["http://other.example/p.jpg", "http://notlocalhost/p", "http://localhost.evil.example/p", "ftp://localhost/p",
     "file:///etc/passwd", "http://me:secret@localhost/p", "http:///p", "mxc://localhost/p", "", "photos/1.jpg", "http://[::1",
     "http://evil.example\\@localhost/", "http://localhost\\@evil.example/"],
)  # fmt: skip
def test_nobody_else_is_asked(address: str) -> None:
    fetcher = Fetcher(OWN)
    assert not fetcher.fetches(address)
    with pytest.raises(PictureError):
        fetcher.content(address)


def test_a_public_name_that_leads_to_a_private_address_is_not_asked(server: Files) -> None:
    """Who posts chooses the address, and whoever owns a name chooses where it leads."""
    with pytest.raises(PictureError, match="another port than usual"):
        Fetcher(Hosts(("localhost",))).content(server.url("/p.jpg"))
    for address in ("http://localhost/p.jpg", "https://localhost/p.jpg"):
        with pytest.raises(PictureError, match="private network"):
            Fetcher(Hosts(("localhost",))).content(address)
    for address in ("http://127.0.0.1/p", "http://169.254.169.254/latest/meta-data", "http://[::1]/p"):
        with pytest.raises(PictureError, match="private network"):
            Fetcher(Hosts((address.split("/")[2].strip("[]"),))).content(address)
    assert server.asked == []


def test_a_redirect_leads_to_named_servers_only(server: Files) -> None:
    server.moved |= {"/out": "http://127.0.0.1:1/p", "/round": "/round", "/odd": "file:///etc/passwd"}
    for path, why in (("/out", "not among those"), ("/round", "more than 3 times"), ("/odd", "no address")):
        with pytest.raises(PictureError, match=why):
            Fetcher(OWN).content(server.url(path))
    assert server.asked.count("/round") == 4


@given(st.sampled_from(PRIVATE), st.integers(0, 2**32 - 1), st.sampled_from(["{}", "::ffff:{}", "64:ff9b::{}"]))
def test_no_private_address_counts_as_public(network: str, at: int, written: str) -> None:
    its = ipaddress.ip_network(network)
    assert not is_public(written.format(its[at % its.num_addresses]))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_public_is_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["::1", "fe80::1%eth0", "fc00::1", "2002:7f00:1::", "::127.0.0.1", "ff02::1", "::"])
def test_no_local_address_of_the_new_kind_is_public(address: str) -> None:
    assert not is_public(address)


def test_no_more_is_read_than_the_limits_allow(server: Files) -> None:
    for server.tells_length in (True, False):
        with pytest.raises(PictureError, match="more than"):
            Fetcher(OWN, most=5_000).content(server.url("/p.jpg"))
    server.packed = True
    with pytest.raises(PictureError, match="packs"):
        Fetcher(OWN).content(server.url("/p.jpg"))
    server.packed, server.slow = False, 0.2
    with pytest.raises(NotNowError, match="in time"):
        Fetcher(OWN, seconds=0.5).content(server.url("/p.jpg"))


@pytest.mark.parametrize(
    ("status", "error"), [(404, PictureError), (403, PictureError), (500, NotNowError), (429, NotNowError)]
)
def test_what_is_gone_is_told_from_what_may_come_later(server: Files, status: int, error: type[Exception]) -> None:
    server.status["/p.jpg"] = [status]
    with pytest.raises(error, match=str(status)):
        Fetcher(OWN).content(server.url("/p.jpg"))
    assert Fetcher(OWN).content(server.url("/p.jpg"))
    server.stop()
    with pytest.raises(NotNowError, match="cannot be read"):
        Fetcher(OWN).content(server.url("/p.jpg"))
