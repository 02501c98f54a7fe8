"""Who is on which list, and what they may look as: the widest of all, and nobody by accident."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.access.identity import Identity, identity_of
from usage_dash.access.lists import ADMINISTRATOR, Lists, lists_of
from usage_dash.access.scopes import Scopes
from usage_dash.access.viewer import Role, Viewer
from usage_dash.ledger.scope import ALL_USERS
from usage_dash.people.directory import Directory
from usage_dash.settings import Settings, Way

PEOPLE = "user_id,name,email,team\nu-ada,Ada,ada@acme.example,Support\nu-bob,Bob,BOB@acme.example,Sales\n,,,\n"


def lists(people: Path | None = None, **settings: Any) -> Lists:
    return lists_of(Settings.model_validate(settings), Directory(people))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE.replace(",,,\n", ""))
    return file


def known(email: str = "", way: Way = Way.OIDC, subject: str = "s-1", **claims: str) -> Identity:
    return Identity(way, subject, email, claims=frozenset(claims.items()))


def role(found: Viewer | None) -> Role | None:
    return found and found.role


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("mara@acme.example", Role.ADMIN),
        ("jo@acme.example", Role.VIEWER),
        ("jo@sub.acme.example", None),
        ("jo@evil-acme.example", None),
        ("jo@acme.example.evil", None),
        ("acme.example", None),
        ("mara@acme.example.evil", None),
        ("", None),
    ],
)
def test_addresses_and_domains_are_meant_exactly(email: str, expected: Role | None) -> None:
    found = lists(admins="Mara@Acme.example", viewers="@acme.example").viewer_of(known(email))
    assert role(found) is expected


def test_a_claim_is_meant_by_name_and_value() -> None:
    named = lists(admins="groups=finance", viewers="roles=usage viewer")
    assert role(named.viewer_of(known(groups="finance"))) is Role.ADMIN
    assert role(named.viewer_of(known(roles="usage viewer"))) is Role.VIEWER
    assert named.viewer_of(known(groups="finance2", roles="finance")) is None


@pytest.mark.parametrize(("value", "expected"), [(True, Role.ADMIN), (False, None), ("true", Role.ADMIN), (1, None)])
def test_a_claim_may_be_a_truth(value: object, expected: Role | None) -> None:
    named = lists(admins="admin=true", viewers="level=7")
    assert role(named.viewer_of(identity_of(Way.FIREBASE, {"sub": "s", "admin": value}, named.wanted))) is expected
    assert role(named.viewer_of(identity_of(Way.FIREBASE, {"sub": "s", "level": [3, 7]}, named.wanted))) is Role.VIEWER


def test_the_widest_of_several_lists_counts() -> None:
    named = lists(
        admins="groups=a", viewers="groups=v", leads="groups=l:Support,mara@acme.example:Sales+Ops", see_self=True
    )
    both = Identity(Way.FIREBASE, "u", "mara@acme.example", claims=frozenset({("groups", "v"), ("groups", "l")}))
    assert role(named.viewer_of(both)) is Role.VIEWER
    lead = named.viewer_of(Identity(Way.FIREBASE, "u", "mara@acme.example", claims=frozenset({("groups", "l")})))
    assert lead
    assert lead.teams == {"Support", "Sales", "Ops"}


def test_nobody_is_allowed_by_default() -> None:
    nobody = lists()
    for way in (Way.FIREBASE, Way.OIDC, Way.PROXY):
        assert nobody.viewer_of(known("mara@acme.example", way, groups="admin")) is None


def test_with_passwords_only_the_password_counts() -> None:
    named = lists(admins="viewer@acme.example")
    assert role(named.viewer_of(known(way=Way.PASSWORD, subject=ADMINISTRATOR))) is Role.ADMIN
    assert role(named.viewer_of(known(way=Way.PASSWORD, subject="viewer"))) is Role.VIEWER
    assert named.viewer_of(known("viewer@acme.example", Way.OIDC, ADMINISTRATOR)) is not None
    assert lists().viewer_of(known(way=Way.OIDC, subject=ADMINISTRATOR)) is None


def test_who_sees_their_own_usage(people: Path) -> None:
    off, on = lists(people), lists(people, see_self=True, self_claim="uid")
    ada = known("ada@acme.example")
    assert off.viewer_of(ada) is None
    assert off.viewer_of(known(way=Way.FIREBASE, subject="u-9")) is None
    for identity, users in (
        (known(way=Way.FIREBASE, subject="u-9"), {"u-9"}),
        (ada, {"u-ada"}),
        (known("bob@acme.example"), {"u-bob"}),
        (known("ada@acme.example", uid="doc-7"), {"doc-7"}),
    ):
        found = on.viewer_of(identity)
        assert role(found) is Role.SELF
        assert found
        assert found.users == users
    assert on.viewer_of(known("stranger@acme.example")) is None
    assert on.viewer_of(known("", way=Way.PROXY)) is None


def test_a_letter_that_looks_like_another_is_nobodys_address(people: Path) -> None:
    people.write_text("user_id,name,email,team\nu-kim,,kim@acme.example,A\nu-odd,,\u212am@acme.example,A\n")
    on = lists(people, see_self=True)
    assert on.viewer_of(known("\u212aim@acme.example")) is None
    assert role(on.viewer_of(known("kim@acme.example"))) is Role.SELF


@pytest.mark.parametrize("claims", [{"sub": "\ud800"}, {"sub": "s", "uid": "\ud800"}, {"sub": "s", "name": "\ud800"}])
def test_text_that_is_none_is_not_taken_on(claims: dict[str, str]) -> None:
    try:
        found = identity_of(Way.OIDC, claims, {"uid"})
    except ValueError:
        assert claims == {"sub": "\ud800"}
    else:
        assert (found.name + found.subject).encode()
        assert found.claims == frozenset()


def test_a_claim_for_oneself_is_not_another_way_to_a_list() -> None:
    assert lists(see_self=True).viewer_of(known(uid="doc-7")) is None


def test_whom_to_ask_is_an_administrator_with_an_address() -> None:
    assert lists(admins="groups=a,@acme.example,mara@acme.example,jo@acme.example").whom_to_ask == "mara@acme.example"
    assert lists(admins="groups=a").whom_to_ask is None


def test_what_lets_nobody_in_though_it_may_be_meant_to_is_told(people: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        lists(people, leads="a@b.example:Support+Nobody’s", self_claim="uid")
    assert "Nobody’s" in caplog.text
    assert "'Support'" not in caplog.text
    assert "USAGE_DASH_SELF_CLAIM does nothing" in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"auth": "oidc"}, "Whoever signs in with oidc is told that they are on no list"),
        ({"auth": "firebase,password"}, "Whoever signs in with firebase is told"),
        ({"auth": "password", "admins": "mara@acme.example"}, "lists of people count for nothing there"),
        ({"auth": "firebase", "see_self": True}, ""),
        ({"auth": "password"}, ""),
    ],
)
def test_lists_that_let_nobody_in_are_told(
    settings: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        lists(**settings)
    assert (said in caplog.text) if said else not caplog.text


def test_scopes_follow_roles_and_the_people_file(people: Path) -> None:
    scopes = Scopes(Directory(people))
    assert scopes.of(Viewer.admin()).users is ALL_USERS
    assert scopes.of(Viewer.viewer()).users is ALL_USERS
    assert scopes.of(Viewer.lead(["Support"])).users == {"u-ada"}
    assert scopes.of(Viewer.lead(["Support", "Sales"])).users == {"u-ada", "u-bob"}
    assert scopes.of(Viewer.lead(["Elsewhere"])).users == frozenset()
    assert scopes.of(Viewer.lead([])).users == frozenset()
    assert scopes.of(Viewer.only(["u-x"])).users == {"u-x"}
    assert scopes.of(Viewer.only([])).users == frozenset()
    before = {
        viewer: scopes.of(viewer).key for viewer in (Viewer.admin(), Viewer.lead(["Support"]), Viewer.only(["u"]))
    }
    people.write_text(PEOPLE.replace(",,,\n", "u-cyd,Cyd,,Support\n"))
    assert scopes.of(Viewer.lead(["Support"])).users == {"u-ada", "u-cyd"}
    assert all(scopes.of(viewer).key != key for viewer, key in before.items())


def test_who_is_in_no_team_is_in_none_that_could_be_named(people: Path) -> None:
    people.write_text("user_id,name,email,team\nu-ada,,,\n")
    assert Scopes(Directory(people)).of(Viewer.lead([""])).users == frozenset()


CLAIMS = st.dictionaries(
    st.sampled_from(["sub", "email", "email_verified", "name", "groups", "uid"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=4) | st.integers()),
)


@given(CLAIMS)
def test_any_claims_are_an_identity_or_none(claims: dict[str, Any]) -> None:
    try:
        found = identity_of(Way.OIDC, claims, {"email", "groups"})
    except ValueError:
        assert not isinstance(claims.get("sub"), str) or not claims["sub"]
        return
    if claims.get("email_verified") is not True:
        assert not found.email
        assert "email" not in {claim for claim, _ in found.claims}
    assert {claim for claim, _ in found.claims} <= {"email", "groups"}


@pytest.mark.parametrize("verified", [None, False, "true", 1, "yes"])
def test_an_address_that_is_not_verified_counts_for_nobodys_list(verified: object) -> None:
    claims = {"sub": "s", "email": "mara@acme.example", "email_verified": verified}
    named = lists(admins="mara@acme.example,email=mara@acme.example", viewers="@acme.example")
    assert named.viewer_of(identity_of(Way.OIDC, claims, named.wanted)) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Viewer("admin"),  # type: ignore[arg-type] # that is what is shown
        lambda: Viewer(Role.ADMIN, teams=frozenset({"Support"})),
        lambda: Viewer(Role.VIEWER, users=frozenset({"u"})),
        lambda: Viewer(Role.LEAD, users=frozenset({"u"})),
        lambda: Viewer(Role.SELF, teams=frozenset({"Support"})),
        lambda: Viewer(Role.SELF, users=["u"]),  # type: ignore[arg-type] # that is what is shown
        lambda: Viewer(Role.SELF, users=frozenset({7})),  # type: ignore[arg-type] # that is what is shown
        lambda: Viewer.lead("Support"),
        lambda: Viewer.only("u-ada"),
        lambda: Viewer.admin(name=None),  # type: ignore[arg-type] # that is what is shown
    ],
)
def test_a_viewer_that_could_be_meant_otherwise_is_none(make: Any) -> None:
    with pytest.raises(TypeError):
        make()
