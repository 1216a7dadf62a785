"""Fetching media from the servers that a home names, and from nobody else.

Addresses come from posts, so whoever posts chooses them. No host is asked that is not named, none at an address of a
private network unless it is named as one's own, wherever redirects lead; the address that was checked is the one that
is asked (no second look-up, against DNS rebinding). Nothing fetched is kept.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httpcore
import httpx

from seawall.media.shelf import MOST_BYTES, PictureError

MOST_REDIRECTS = 3
_NO_ADDRESS = "no address that can be asked"
_GONE = frozenset({400, 401, 403, 404, 410, 451})


class NotNowError(Exception):
    """A file was not given, but may be later; the message says why."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whom a home asks for media: public servers, each with those below it; and servers of one's own network."""

    public: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.public or self.own)

    def name(self, host: str) -> bool:
        """Whether this host may be asked."""
        return self.is_own(host) or any(host == named or host.endswith(f".{named}") for named in self.public)

    def is_own(self, host: str) -> bool:
        """Whether it may stand at a private address and at any port."""
        return host in self.own


class Fetcher:
    """Fetches one file at a time, by as many threads as ask; each waits its time at most."""

    def __init__(self, hosts: Hosts, seconds: float = 20.0, most: int = MOST_BYTES) -> None:
        self._hosts, self._seconds, self._most = hosts, seconds, most
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=_Guarded(hosts), max_connections=16
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def fetches(self, address: str | None) -> bool:
        """Whether this address is of a server that may be asked."""
        try:
            return bool(address) and not self._refusal(httpx.URL(str(address)))
        except httpx.InvalidURL:
            return False

    def content(self, address: str) -> bytes:
        """The file at an address. Raises PictureError where it is not to be had, NotNowError where it may be later."""
        ends = time.monotonic() + self._seconds
        try:
            url = httpx.URL(address)
            for _ in range(MOST_REDIRECTS + 1):
                found = self._asked(url, ends)
                if isinstance(found, bytes):
                    return found
                url = found
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol, httpcore.LocalProtocolError) as error:
            raise PictureError(_NO_ADDRESS) from error
        except httpcore.TimeoutException as error:
            raise NotNowError("the server did not answer in time") from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise NotNowError(f"the server cannot be read: {type(error).__name__}") from error
        raise PictureError(f"the server sends on more than {MOST_REDIRECTS} times")

    def _asked(self, url: httpx.URL, ends: float) -> bytes | httpx.URL:
        """The file, or where the server sends on."""
        if refusal := self._refusal(url):
            raise PictureError(refusal)
        # a file that is packed could unpack to anything, so none is asked for
        headers = [(b"Host", url.netloc), (b"User-Agent", b"Seawall"), (b"Accept-Encoding", b"identity")]
        there = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        left = max(ends - time.monotonic(), 0.001)
        within = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)}
        with self._pool.stream("GET", there, headers=headers, extensions=within) as answer:
            return self._read(answer, url, ends)

    def _read(self, answer: httpcore.Response, url: httpx.URL, ends: float) -> bytes | httpx.URL:
        headers = {name.lower(): value for name, value in answer.headers}
        if 300 <= answer.status < 400 and b"location" in headers:
            there = url.join(headers[b"location"].decode("latin-1"))
            if url.scheme == "https" and there.scheme != "https":
                raise PictureError("the server sends on to an address that is not encrypted")
            return there
        if answer.status in _GONE:
            raise PictureError(f"the server answers with {answer.status}")
        if answer.status != 200:
            raise NotNowError(f"the server answers with {answer.status}")
        if headers.get(b"content-encoding", b"identity").lower() not in (b"identity", b""):
            raise PictureError("the server packs what was asked for as it is")
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._most:
            raise self._too_large()
        content = bytearray()
        for part in answer.iter_stream():
            content += part
            if len(content) > self._most:
                raise self._too_large()
            if time.monotonic() > ends:
                raise NotNowError("the server did not give all of it in time")
        return bytes(content)

    def _too_large(self) -> PictureError:
        return PictureError(f"the file has more than {self._most >> 20} MB")

    def _refusal(self, url: httpx.URL) -> str:
        """Why an address is not asked; '' where it may be."""
        host = url.raw_host.decode("ascii").rstrip(".")
        if url.scheme not in ("http", "https") or not host or url.userinfo:
            return _NO_ADDRESS
        if not self._hosts.name(host):
            return "its server is not among those that media are fetched from"
        if url.port is not None and not self._hosts.is_own(host):  # the usual one is none
            return "its server is asked at another port than usual"
        return ""


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses it has looked at, and to no name."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts, self._plain = hosts, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Connect to the first of a host's addresses. Raises PictureError if one of them is of a private network."""
        try:
            found = [str(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(f"no address is known for {host}") from error
        if not found or (not self._hosts.is_own(host.rstrip(".")) and not all(map(is_public, found))):
            raise PictureError("its server stands in a private network")
        return self._plain.connect_tcp(found[0], port, timeout, local_address, socket_options)

    def sleep(self, seconds: float) -> None:
        """Wait between two tries."""
        self._plain.sleep(seconds)


def is_public(address: str) -> bool:
    """Whether an address is of the open internet: not private, local, of a link, shared, reserved or multicast, and no
    such address wrapped in another (IPv4 in IPv6, 6to4, Teredo, NAT64)."""
    its = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(its, ipaddress.IPv6Address):
        packed = its.packed
        inner = [its.ipv4_mapped, its.sixtofour, *(its.teredo or ())]
        if packed[:12] == bytes.fromhex("0064ff9b0000000000000000") or not any(packed[:12]):
            inner.append(ipaddress.IPv4Address(packed[12:]))
        if not all(one is None or _open(one) for one in inner):
            return False
        if its.ipv4_mapped:
            return True
    return _open(its)


def _open(its: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return its.is_global and not its.is_multicast and not its.is_reserved
