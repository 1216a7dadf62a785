"""A Jetstream over a firehose, for tests: Jetstream itself is a Go program that no registry has.

    python bluesky_jetstream.py ws://127.0.0.1:PORT/xrpc PORT

It reads the firehose from its beginning with the AT Protocol's SDK, and hands out what Jetstream documents: JSON, from
a cursor in microseconds on, of wanted collections and accounts. Killed and started again, it gives the same events.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atproto import CAR, CID, AsyncFirehoseSubscribeReposClient, models, parse_subscribe_repos_message
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

_SYNC = models.ComAtprotoSyncSubscribeRepos
events: list[dict[str, Any]] = []
came = asyncio.Condition()


def in_json(value: Any) -> Any:
    """A record's value as JSON writes it: addresses and bytes have forms of their own."""
    if isinstance(value, dict):
        return {name: in_json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [in_json(part) for part in value]
    if isinstance(value, bytes):
        try:
            return {"$link": str(CID.decode(value))}
        except ValueError:
            return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value


def made_of(said: Any) -> list[dict[str, Any]]:
    """Jetstream's events of a message of the firehose."""
    if isinstance(said, _SYNC.Commit):
        blocks, found = CAR.from_bytes(said.blocks).blocks if said.ops else {}, []
        for op in said.ops:
            collection, _, rkey = op.path.partition("/")
            commit = {"rev": said.rev, "operation": op.action, "collection": collection, "rkey": rkey}
            if op.action != "delete":
                commit |= {"record": in_json(blocks.get(op.cid)), "cid": str(op.cid)}
            found.append({"did": said.repo, "kind": "commit", "commit": commit})
        return found
    if isinstance(said, _SYNC.Account):
        given = {"active": said.active, "did": said.did, "seq": said.seq, "time": said.time, "status": said.status}
        account = {name: value for name, value in given.items() if value is not None}
        return [{"did": said.did, "kind": "account", "account": account}]
    if isinstance(said, _SYNC.Identity):
        identity = {"did": said.did, "handle": said.handle, "seq": said.seq, "time": said.time}
        return [{"did": said.did, "kind": "identity", "identity": identity}]
    return []


async def take(message: Any) -> None:
    """Keep what a message says; each event gets a time that is later than the one before."""
    said = parse_subscribe_repos_message(message)
    async with came:
        for event in made_of(said):
            sent = int(datetime.fromisoformat(said.time.replace("Z", "+00:00")).timestamp() * 1_000_000)
            last = events[-1]["time_us"] if events else 0
            events.append({"did": event["did"], "time_us": max(last + 1, sent), **event})
        came.notify_all()


async def hand_out(connection: ServerConnection) -> None:
    """Send events from the cursor on, and then as they come."""
    assert connection.request
    asked = parse_qs(urlsplit(connection.request.path).query)
    collections, dids = asked.get("wantedCollections", []), asked.get("wantedDids", [])
    cursor = int(asked["cursor"][0]) if "cursor" in asked else None
    at = len(events) if cursor is None else sum(event["time_us"] < cursor for event in events)
    try:
        while True:
            while at < len(events):
                event, at = events[at], at + 1
                if dids and event["did"] not in dids:
                    continue
                if event["kind"] == "commit" and collections and event["commit"]["collection"] not in collections:
                    continue
                await connection.send(json.dumps(event, ensure_ascii=False))
            async with came:
                while at >= len(events):
                    await came.wait()
    except ConnectionClosed:
        return


async def main(firehose: str, port: int) -> None:
    client = AsyncFirehoseSubscribeReposClient(_SYNC.Params(cursor=0), base_uri=firehose)
    async with serve(hand_out, "127.0.0.1", port):
        print("ready", flush=True)
        await client.start(take)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
