"""The Matrix adapter where the server does not simply do as asked. Its promises: tests/contracts and tests/live."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from enforcement.fake_synapse import POST, ROOT, USER, FakeSynapse
from seawall.enforcement.adapters.contract import About, AdapterError, Order
from seawall.enforcement.adapters.matrix import MatrixAdapter, check
from seawall.records.terms import State, Verb

TOKEN = "syt_secret"
ADDRESS = "http://127.0.0.1:1"
ABOUT = About("matrix", USER)


@pytest.fixture
def server() -> FakeSynapse:
    return FakeSynapse()


@pytest.fixture
def adapter(server: FakeSynapse) -> MatrixAdapter:
    return MatrixAdapter(ADDRESS, TOKEN, transport=server.transport)


def _refused(adapter: MatrixAdapter, order: Order) -> AdapterError:
    with pytest.raises(AdapterError) as raised:
        adapter.apply(order)
    assert TOKEN not in str(raised.value)
    return raised.value


def _answer(status: int, code: str = "", **given: object) -> httpx.Response:
    return httpx.Response(status, json={"errcode": code, "error": "so it is", **given})


@pytest.mark.parametrize(
    ("answer", "permanent", "said"),
    [
        (httpx.ConnectTimeout("slow"), False, "did not answer in time"),
        (httpx.ReadTimeout("slow"), False, "did not answer in time"),
        (httpx.ConnectError("refused"), False, "cannot reach 127.0.0.1:1"),
        (httpx.RemoteProtocolError("cut"), False, "cannot reach"),
        (_answer(429, "M_LIMIT_EXCEEDED", retry_after_ms=4000), False, "in 4 s"),
        (httpx.Response(429, headers={"Retry-After": "7"}, json={}), False, "in 7 s"),
        (httpx.Response(502, text="<html>bad gateway</html>"), False, "Try again later"),
        (_answer(500, "M_UNKNOWN"), False, "Try again later"),
        (_answer(401, "M_UNKNOWN_TOKEN"), True, "log in again"),
        (_answer(403, "M_FORBIDDEN"), True, "must be an admin"),
        (_answer(404, "M_NOT_FOUND"), True, "check the id"),
        (_answer(404, "M_UNRECOGNIZED"), True, "is it new enough"),
        (httpx.Response(404, text="nothing here"), True, "let /_synapse/admin through"),
        (_answer(400, "M_UNKNOWN"), True, "so it is"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), True, "follows no redirects"),
        (httpx.Response(200, text="<html>welcome</html>"), True, "a form that Seawall does not know"),
    ],
    ids=lambda value: getattr(value, "status_code", type(value).__name__) if not isinstance(value, str) else "",
)
def test_what_goes_wrong_says_whether_to_try_again_and_what_to_do(server, adapter, answer, permanent, said) -> None:
    server.instead["/suspend/"] = answer
    error = _refused(adapter, server.order(Verb.SUSPEND))
    assert error.permanent is permanent
    assert said in str(error)


def test_redirects_are_never_followed(server, adapter) -> None:
    server.instead["/suspend/"] = httpx.Response(307, headers={"Location": f"{ADDRESS}/elsewhere"})
    _refused(adapter, server.order(Verb.SUSPEND))
    assert not any("elsewhere" in path for _, path in server.asked)


def test_control_characters_of_a_server_do_not_reach_the_screen(server, adapter) -> None:
    server.instead["/suspend/"] = httpx.Response(400, json={"errcode": "M_X", "error": "a\x1b[2Jb\n" + "x" * 999})
    said = str(_refused(adapter, server.order(Verb.SUSPEND)))
    assert "a[2Jb" in said
    assert len(said) < 400


def test_a_crash_before_the_effect_is_found_as_not_done(server, adapter) -> None:
    order = server.order(Verb.SUSPEND)
    server.instead["/suspend/"] = httpx.ReadTimeout("slow")
    _refused(adapter, order)
    assert adapter.find(order) is None
    del server.instead["/suspend/"]
    assert adapter.apply(order).before == {"suspended": "off"}


def test_a_crash_after_the_effect_is_found_as_done_with_what_was_before(server, adapter) -> None:
    order = server.order(Verb.SUSPEND)
    server.instead["/suspend/"] = httpx.ReadTimeout("slow")
    _refused(adapter, order)
    del server.instead["/suspend/"]
    server.user["suspended"] = True  # it had arrived
    found = adapter.find(order)
    assert found is not None
    assert found.before == {"suspended": "off"}
    adapter.undo(replace(order, key="k2", undoes=found))
    assert server.user["suspended"] is False


def test_an_account_that_others_had_suspended_stays_so(server, adapter) -> None:
    server.user["suspended"] = True
    order = server.order(Verb.SUSPEND)
    assert adapter.find(order) is None
    receipt = adapter.apply(order)
    assert receipt.before == {"suspended": "on"}
    adapter.undo(replace(order, key="k2", undoes=receipt))
    assert server.user["suspended"] is True
    assert not any("/suspend/" in path for _, path in server.asked)


def test_undo_never_switches_on_what_others_lifted_since(server, adapter) -> None:
    server.user["locked"] = True
    receipt = adapter.apply(server.order(Verb.LOCK))
    server.user["locked"] = False
    adapter.undo(replace(server.order(Verb.LOCK, "k2"), undoes=receipt))
    assert server.user["locked"] is False


def test_limiting_holds_every_file_of_a_post_and_undo_frees_only_those_it_held(server, adapter) -> None:
    server.files["s/preview"] = "@other:s"
    order = server.order(Verb.LIMIT)
    receipt = adapter.apply(order)
    assert receipt.before == {"mxc://s/full": "off", "mxc://s/preview": "on"}
    assert all(server.files.values())
    server.redacted_by = "$meanwhile"  # what was held is known though the post is gone
    adapter.undo(replace(order, key="k2", undoes=receipt))
    assert server.files == {"s/full": None, "s/preview": "@other:s"}


def test_a_file_protected_from_quarantine_is_no_silent_success(server, adapter) -> None:
    server.protected.add("s/full")
    error = _refused(adapter, server.order(Verb.LIMIT))
    assert error.permanent
    assert "protected from quarantine" in str(error)


def test_a_post_without_files_cannot_be_limited(server, adapter) -> None:
    server.redacted_by = "$gone"
    error = _refused(adapter, server.order(Verb.LIMIT))
    assert error.permanent
    assert "Remove it instead" in str(error)


def test_a_post_of_another_account_is_left_alone(server, adapter) -> None:
    order = Order("k1", Verb.REMOVE, About("matrix", "@other:s", POST), "r")
    error = _refused(adapter, order)
    assert error.permanent
    assert "is not by @other:s" in str(error)
    assert server.redacted_by is None


@pytest.mark.parametrize("post_id", ["$event", "!room:s", "room/$event", "!room:s/", None])
def test_a_post_is_named_by_room_and_event(adapter, post_id) -> None:
    error = _refused(adapter, Order("k1", Verb.REMOVE, About("matrix", USER, post_id), "r"))
    assert error.permanent


def test_an_account_that_is_nowhere_is_not_made_by_locking_it(server, adapter) -> None:
    error = _refused(adapter, Order("k1", Verb.LOCK, About("matrix", "@nobody:s"), "r"))
    assert error.permanent
    assert all(method == "GET" for method, _ in server.asked)


def test_the_account_it_acts_with_is_never_shut_out(server, adapter) -> None:
    error = _refused(adapter, Order("k1", Verb.LOCK, About("matrix", ROOT), "r"))
    assert error.permanent


def test_a_redaction_that_is_not_allowed_says_what_to_do(server, adapter) -> None:
    server.instead["/redact/"] = _answer(403, "M_FORBIDDEN")
    error = _refused(adapter, server.order(Verb.REMOVE))
    assert error.permanent
    assert f"Make {ROOT} a moderator of the room" in str(error)


def test_ids_cannot_leave_their_place_in_a_path(server, adapter) -> None:
    error = _refused(adapter, Order("k1", Verb.SUSPEND, About("matrix", "@a/../../x?y:s"), "r"))
    assert error.permanent
    assert server.asked[-1] == ("GET", "/_synapse/admin/v2/users/@a/../../x?y:s")


def test_notes_and_requests_hold_no_content_and_no_key(server, adapter) -> None:
    adapter.apply(server.order(Verb.SUSPEND, "case-17/order"))
    assert "case-17" not in str(server.asked) + str(server.notes)


def test_a_notice_is_sent_once_per_key(server, adapter) -> None:
    assert adapter.tell(ABOUT, "your account", "k1")
    assert adapter.tell(ABOUT, "your account", "k1")
    assert adapter.tell(ABOUT, "another thing", "k2")
    assert [notice["content"]["body"] for notice in server.notices] == ["your account", "another thing"]


def test_no_notice_where_the_server_sends_none(server, adapter) -> None:
    server.instead["/send_server_notice/"] = httpx.Response(
        400, json={"errcode": "M_UNKNOWN", "error": "Server notices are not enabled on this server"}
    )
    assert not adapter.tell(ABOUT, "your account", "k1")
    assert not MatrixAdapter(ADDRESS, TOKEN, transport=FakeSynapse().transport).tell(
        About("matrix", "@user:other.example"), "your account", "k1"
    )


def test_states(server, adapter) -> None:
    post = About("matrix", USER, POST)
    assert adapter.status(About("matrix", USER, "!room:s/$purged")) is State.DELETED
    server.files["s/full"] = "@other:s"
    assert adapter.status(post) is State.WITHHELD
    server.user["deactivated"] = True
    assert adapter.status(ABOUT) is State.DELETED
    with pytest.raises(AdapterError):
        adapter.status(About("matrix", "@nobody:s"))


@pytest.mark.parametrize("token", ["", "with blank", "with\nline"])
def test_a_token_with_blanks_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(AdapterError) as raised:
        MatrixAdapter(ADDRESS, token)
    assert "with" not in str(raised.value).replace("it", "")


@pytest.mark.parametrize("address", ["", "matrix.example.org", "ftp://h", "https://u:p@h", "https://", "http://h:x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(AdapterError, match="must look like"):
        MatrixAdapter(address, TOKEN)


def test_check_says_what_works(server) -> None:
    lines = check(ADDRESS, TOKEN, server.transport)
    assert all(line.ok for line in lines), list(map(str, lines))
    assert any("Synapse 1.163.2" in line.text for line in lines)
    assert {method for method, _ in server.asked} <= {"GET", "PUT"}
    assert not any(server.user[flag] for flag in ("suspended", "locked"))


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/server_version", httpx.Response(404, text="no"), "Other Matrix servers"),
        ("/server_version", httpx.ConnectError("refused"), "cannot reach"),
        ("/whoami", _answer(401, "M_UNKNOWN_TOKEN"), "log in again"),
        ("/users/", _answer(403, "M_FORBIDDEN"), "Make the account an admin"),
        ("/suspend/", _answer(404, "M_UNRECOGNIZED"), "msc3823_account_suspension"),
        ("/media/", _answer(404, "M_UNRECOGNIZED"), "Upgrade Synapse"),
        (
            "/send_server_notice/",
            httpx.Response(400, json={"error": "Server notices are not enabled on this server"}),
            "Set server_notices",
        ),
    ],
)
def test_check_hints_at_what_to_do(server, path, answer, said) -> None:
    server.instead[path] = answer
    lines = [str(line) for line in check(ADDRESS, TOKEN, server.transport) if not line.ok]
    assert len(lines) == 1
    assert said in lines[0]
    assert TOKEN not in lines[0]


def test_check_warns_of_a_token_in_the_clear(server) -> None:
    assert not check("http://matrix.example.org", TOKEN, server.transport)[0].ok
    assert check("https://matrix.example.org", TOKEN, server.transport)[0].ok
