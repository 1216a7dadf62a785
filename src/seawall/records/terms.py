"""Closed vocabularies: one word per thing, the same in code, pages, files and docs (see docs/concepts.md)."""

from enum import StrEnum


class PostKind(StrEnum):
    """How a post came about. A post that is two of these carries the one that comes first here."""

    REPOST = "repost"
    QUOTE = "quote"
    REPLY = "reply"
    POST = "post"


class TieKind(StrEnum):
    """What joins an account to another account, or to a link."""

    FOLLOW = "follow"
    MENTION = "mention"
    REPOST = "repost"
    REPLY = "reply"
    QUOTE = "quote"
    SHARED_LINK = "shared_link"


class AccountKind(StrEnum):
    """Who stands behind an account, as the platform itself says."""

    PERSON = "person"
    GROUP = "group"
    CHANNEL = "channel"


class MediaKind(StrEnum):
    """What a post carries besides text."""

    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    FILE = "file"


class HashKind(StrEnum):
    """What a hash is of: a picture, a picture of a video, a moment of a sound (all found though edited); or a whole
    file, byte for byte."""

    PDQ = "pdq"
    VIDEO = "video"
    SOUND = "sound"
    MD5 = "md5"
    SHA256 = "sha256"

    @property
    def of_file(self) -> bool:
        """Whether it matches the same file only."""
        return self in (HashKind.MD5, HashKind.SHA256)


class State(StrEnum):
    """What a platform said about an account or a post at a moment."""

    ACTIVE = "active"
    PROTECTED = "protected"
    WITHHELD = "withheld"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class RuleState(StrEnum):
    """What a rule is let do. Draft: nothing. Shadow: it is counted and lists nobody. Live: its findings are read.
    Stopped: it matched more than its quota, or somebody stopped it."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    STOPPED = "stopped"


class Conduct(StrEnum):
    """What somebody did. A rule is about one of these, never about who somebody is.

    After Regulation (EU) 2021/784 Art. 2(7): incitement and glorification, solicitation,
    instruction and threat; financing and travel after Directive (EU) 2017/541 Arts 9 to 11.
    """

    PROPAGANDA = "propaganda"
    INCITEMENT = "incitement"
    RECRUITMENT = "recruitment"
    FINANCING = "financing"
    TRAVEL_FACILITATION = "travel_facilitation"
    INSTRUCTION = "instruction"
    THREAT = "threat"


class Role(StrEnum):
    """What a row of a truth file is for when a signal is evaluated."""

    SEED = "seed"
    BACKGROUND = "background"
    TEST = "test"


class ReturnRole(StrEnum):
    """What a row of a truth file is when returns are evaluated."""

    SUSPENDED = "suspended"
    NEWCOMER = "newcomer"


class Verb(StrEnum):
    """What may be done about an item (label, limit, remove) or an account (suspend, lock). Each can be taken back
    unless the platform cannot."""

    LABEL = "label"
    LIMIT = "limit"
    REMOVE = "remove"
    SUSPEND = "suspend"
    LOCK = "lock"

    @property
    def of_account(self) -> bool:
        """Whether it is done to an account, which takes two people, and not to one item."""
        return self in (Verb.SUSPEND, Verb.LOCK)


class CaseState(StrEnum):
    """How far people are with a case."""

    CANDIDATE = "candidate"
    OPEN = "open"
    PROPOSED = "proposed"
    SECOND_REVIEW = "second_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTED = "executed"
    REVERSED = "reversed"
    CLOSED = "closed"


class ActionState(StrEnum):
    """How far an action is with the platform."""

    QUEUED = "queued"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    REVERSED = "reversed"


class AppealState(StrEnum):
    """How far an appeal is. One that was not the account holder's is voided, and does not count."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    DECIDED = "decided"
    VOIDED = "voided"

    @property
    def waits(self) -> bool:
        """Whether somebody must still answer it."""
        return self in (AppealState.RECEIVED, AppealState.ASSIGNED)


class ThreatState(StrEnum):
    """How far a draft of a threat report is. Passed on: a person told an authority. Dismissed: a person found none."""

    WAITING = "waiting"
    PASSED_ON = "passed_on"
    DISMISSED = "dismissed"


class Outcome(StrEnum):
    """What an appeal came to."""

    UPHELD = "upheld"
    REVERSED = "reversed"


class Exemption(StrEnum):
    """The checklist that is answered before any decision: each "yes" speaks for leaving the account or item alone.

    After Regulation (EU) 2021/784 Art. 1(3) and the Rabat Plan of Action.
    """

    JOURNALISM = "journalism"
    RESEARCH = "research"
    ART = "art"
    COUNTER_SPEECH = "counter_speech"
    DOCUMENTATION = "documentation"
    POLEMIC = "polemic"
    OTHER_PURPOSE = "other_purpose"
    OTHER_MEANING = "other_meaning"
    LITTLE_REACH = "little_reach"
    SOMETHING_LESS = "something_less"


class Answer(StrEnum):
    """An answer to a question of the exemption checklist. There is no preset."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class FloodKind(StrEnum):
    """What many accounts turn to at once."""

    HASHTAG = "hashtag"
    LINK = "link"
    MENTION = "mention"


class FloodVerdict(StrEnum):
    """Whether a burst was made. Pushed: its accounts do too much alike. Organic: nothing shows it. Unclear: one
    thing does."""

    PUSHED = "pushed"
    UNCLEAR = "unclear"
    ORGANIC = "organic"


def words(vocabulary: type[StrEnum]) -> tuple[str, ...]:
    """The words of a vocabulary, in their order."""
    return tuple(member.value for member in vocabulary)
