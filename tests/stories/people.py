"""People at a desk that is killed under them: they work through its API and hold it to every answer it gave.

An act is acknowledged when its whole answer arrived. When none came, it is in doubt: once the desk answers again, they
look whether it is there, and ask for the same once more. What is there must be refused now, what is not must be done.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from seawall.records.terms import Exemption

PATIENCE = 120.0  # seconds until somebody stops asking a desk that does not answer
WAITING = 20  # approved decisions; with so many, people wait for the workers
LYING = 3  # proposals that wait for their second review to the end
STANDING = 8  # executed decisions; of more, the oldest is taken back
FRESH = ("candidate", "open", "reversed", "rejected")
DRAFT = {
    "verb": "suspend",
    "conduct": "propaganda",
    "clause": "T1",
    "alternatives": "nothing less would do",
    "checklist": {question.value: {"answer": "no"} for question in Exemption},
}
Look = Callable[[], bool]


@dataclass
class Asked:
    """Something that was asked of the desk, and the entry of the audit log that must come of it."""

    verb: str
    object: str
    reason: str
    once: bool  # never done twice, however often it is asked for
    answered: int = 0  # with 2xx
    doubts: int = 0  # how often no answer came
    found: int = 0  # how often it was there after that


@dataclass
class Told:
    """What people asked and were told, and where the desk went back on it."""

    asked: list[Asked] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def answered(self) -> int:
        """How many acts were acknowledged."""
        return sum(asked.answered for asked in self.asked)

    def as_json(self) -> dict[str, Any]:
        """For `kill_worker.py finish`."""
        return asdict(self)


class Person:
    """One person with a key for programs, at work until told to stop."""

    def __init__(self, address: str, key: str, told: Told, seed: int) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=PATIENCE)
        self.told, self.draw = told, random.Random(seed)
        self._broken = False  # a connection broke since it was last looked at what had been acknowledged
        self._fresh: list[tuple[Asked, Look]] = []  # acknowledged since the last kill

    def run(self, stop: threading.Event) -> None:
        """Work as fast as the desk answers; every doubt is settled before this returns."""
        with self.http:
            while not stop.is_set():
                if not self.work():
                    stop.wait(0.05)
                if self._broken:
                    self._look_back()

    def work(self) -> bool:
        """One piece of work; False if there was none."""
        raise NotImplementedError

    def read(self, path: str) -> Any:
        """Read until an answer comes: to read twice does no harm."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return self.http.get(path).raise_for_status().json()
            except httpx.TransportError as error:
                self._wait(ends, error)

    def ask(self, path: str, body: dict[str, Any], asked: Asked, there: Look | None = None) -> Any:
        """Ask until an answer comes, and hold it against what was there before. None if it had been done already."""
        self.told.asked.append(asked)
        found = False
        while (answer := self._post(path, body, asked)) is None:
            if there is not None:
                was, found = found, there()
                asked.found += found
                if was and not found:
                    self.told.faults.append(f"was there and is gone: {asked}")
        if answer.is_success == found or answer.is_server_error:
            self.told.faults.append(f"{'there' if found else 'not there'}, and asked for: {answer.text} {asked}")
        elif there is not None:
            self._fresh.append((asked, there))
        return answer.json() if answer.is_success else None

    def open_posts(self, case_id: int) -> None:
        """Open what a decision rests on: nobody decides unread."""
        posts, reason = self.read(f"cases/{case_id}")["conduct"], self.nonce()
        asked = Asked("case.text", f"case:{case_id}", reason, once=False)
        given = self.ask(f"cases/{case_id}/texts", {"post_ids": posts, "reason": reason}, asked)
        if [post["post_id"] for post in given or ()] != posts:
            self.told.faults.append(f"not these posts were given: {asked}")

    def nonce(self) -> str:
        """Words that nobody else says."""
        return f"{self.draw.getrandbits(64):016x}"

    def _post(self, path: str, body: dict[str, Any], asked: Asked) -> httpx.Response | None:
        """What the desk answers once it can be reached; None if it was, and no whole answer came."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.http.post(path, json=body)
            except httpx.ConnectError as error:
                self._wait(ends, error)
            except httpx.TransportError:
                self._broken = True
                asked.doubts += 1
                return None
            else:
                asked.answered += answer.is_success
                return answer

    def _wait(self, ends: float, error: httpx.TransportError) -> None:
        """A moment, for a desk that does not answer; raises what was wrong once patience ends."""
        self._broken = True
        if time.monotonic() > ends:
            raise error
        time.sleep(0.05)

    def _look_back(self) -> None:
        """After a kill: what was acknowledged before it is there."""
        self._broken = False
        for asked, there in self._fresh:
            if not there():
                self.told.faults.append(f"acknowledged, and not there after the kill: {asked}")
        if not self._broken:
            self._fresh.clear()


class Reviewer(Person):
    """Proposes to suspend accounts that have no decision."""

    def work(self) -> bool:
        """Take a case, open its posts, propose; wait while others have enough to do."""
        cases = self.read("cases?state=")["cases"]
        states = [case["state"] for case in cases]
        fresh = [case for case in cases if case["state"] in FRESH]
        if not fresh or states.count("approved") > WAITING or states.count("second_review") > 2 * LYING:
            return False
        case = self.draw.choice(fresh)
        name, path = f"case:{case['id']}", f"cases/{case['id']}"
        if case["state"] != "open":
            self.ask(f"{path}/take", {}, Asked("case.take", name, "", once=False))
        self.open_posts(case["id"])
        nonce = self.nonce()
        draft = {**DRAFT, "explanation": nonce}
        self.ask(
            f"{path}/decisions",
            draft,
            Asked("decision.propose", name, nonce, once=True),
            lambda: self._once(path, nonce),
        )
        return True

    def _once(self, path: str, nonce: str) -> bool:
        found = [row["id"] for row in self.read(path)["decisions"] if row["explanation"] == nonce]
        if len(found) > 1:
            self.told.faults.append(f"{nonce} was proposed {len(found)} times")
        return any(self.read(f"decisions/{pk}/statement")["parts"] for pk in found)


class Second(Person):
    """Agrees with most proposals, and takes decisions back."""

    def __init__(self, address: str, key: str, told: Told, seed: int) -> None:
        super().__init__(address, key, told, seed)
        self._standing: deque[int] = deque()  # decisions agreed with and not taken back, oldest first

    def work(self) -> bool:
        """Review a proposal, but for the oldest, which lie to the end; take back the oldest decision of too many."""
        waiting = self.read("decisions/waiting")[LYING:-1]  # the newest may still be in doubt for who proposed it
        if waiting:
            self._review(waiting[0]["id"], waiting[0]["case_id"])
        return self._take_back() or bool(waiting)

    def _review(self, pk: int, case_id: int) -> None:
        self.open_posts(case_id)
        if self.draw.random() < 0.1:
            self._answer("reject", pk, case_id, lambda: self._decision(pk)["state"] == "rejected")
        else:
            done = ("approved", "executed", "reversed")
            self._answer("approve", pk, case_id, lambda: self._decision(pk)["state"] in done)
            self._standing.append(pk)

    def _take_back(self) -> bool:
        if len(self._standing) <= STANDING:
            return False
        found = self._decision(self._standing[0])
        if found["state"] != "executed":
            return False
        pk = self._standing.popleft()
        self._answer("reverse", pk, found["case_id"], lambda: self._decision(pk)["reversal_asked_at"] is not None)
        return True

    def _answer(self, word: str, pk: int, case_id: int, there: Look) -> None:
        nonce = self.nonce()
        asked = Asked(f"decision.{word}", f"case:{case_id}", nonce, once=True)
        self.ask(f"decisions/{pk}/{word}", {"reason": nonce}, asked, there)

    def _decision(self, pk: int) -> Any:
        return self.read(f"decisions/{pk}")


class Auditor(Person):
    """Saves signed heads of the audit log, against which the log is held at the end."""

    def work(self) -> bool:
        """One head."""
        self.told.heads.append(self.read("audit/head"))
        time.sleep(self.draw.uniform(0.2, 1))
        return True


PEOPLE: dict[str, type[Person]] = {"reviewer": Reviewer, "second_reviewer": Second, "auditor": Auditor}
