"""What a snapshot's questions see, as temporary views on its own cursor.

- `scoped_users`, `scoped_entries`, `scoped_findings`, `scoped_models` and `scoped_people`: what the scope may see.
  People are its users, with what the people file says of them, or else what was looked up.
- `openings`, `bookings`, `falls` and `departed`: what of the counter ledger the scope may see.
- `bill_ask`, `bill_costs` and `bill_usage`: OpenAI's bill, which is of everybody, so only for who may see everybody.
- `users`, `entries`, `findings`: of that, what is chosen. `models` and `people` are the scoped ones: they only name;
  `models` also what is not itemised.
- `spending`: entries with what is not itemised, in the slot `NOT_ITEMISED`, and for who may see everybody what users
  who are gone left behind, with the key `NOBODY`, in no team and at no time of day. What is used in a range is asked of
  it. An entry's time is there the one that it counts at: when it was first read, if it has none or one after that.
- `written_models`: the models of the scope as they are written, by the slot that `entries` too calls `written`.
- `entries_of_all_models`, `spending_of_all_models`, `…_of_all_users`, `…_of_all_teams`: what is chosen in every other
  respect, for what shows beside the chosen what is left out; and `users_of_all_models`, whose counters know no model.

Views called like the ledger's tables shadow them: inside the transaction a bare name means the view. Other cursors do
not see them. Chosen models leave of the users those who used them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Final

import duckdb
import pyarrow as pa

from usage_dash.ledger.choice import Choice
from usage_dash.ledger.counters import MEASURES, NOT_ITEMISED
from usage_dash.ledger.scope import ALL_USERS, Scope

Naming = Callable[[str], str]

NOBODY: Final = 0  # the key of no user

# The ledger's tables by their full names: a view named like its own table would look for itself.
_SEEN = "CREATE TEMP TABLE seen AS SELECT user_key FROM ledger.main.users WHERE user_id IN (SELECT unnest($ids))"
_MODELS = "SELECT slot, model, {seen} AS seen FROM ledger.main.models ORDER BY slot"
_MODEL_SEEN = "slot IN (SELECT slot FROM ledger.main.entries SEMI JOIN seen USING (user_key))"
_SCOPED = """
CREATE TEMP VIEW scoped_users AS FROM ledger.main.users {within};
CREATE TEMP VIEW scoped_entries AS FROM {entries} {within};
CREATE TEMP VIEW openings AS FROM ledger.main.openings {within};
CREATE TEMP VIEW bookings AS FROM ledger.main.bookings {within};
CREATE TEMP VIEW falls AS FROM ledger.main.falls {within};
CREATE TEMP VIEW departed AS FROM {departed} WHERE {everybody};
CREATE TEMP VIEW scoped_spending AS
SELECT user_key, least("at", first_read) AS "at", day, slot, {measures} FROM scoped_entries
UNION ALL SELECT user_key, "at", day, {not_itemised}, {measures} FROM bookings
UNION ALL SELECT {nobody}, NULL, day, slot, {measures} FROM departed;
CREATE TEMP VIEW scoped_findings AS FROM ledger.main.findings {within};
CREATE TEMP VIEW scoped_models AS FROM {models} {in_use};
CREATE TEMP VIEW written_models AS SELECT slot AS written, model FROM ledger.main.models {written_in_use};
CREATE TEMP VIEW scoped_people AS
SELECT user_key, user_id, coalesce(nullif(told.name, ''), found.name, '') AS name,
    coalesce(nullif(told.email, ''), found.email, '') AS email, coalesce(team, '') AS team
FROM scoped_users
LEFT JOIN ledger.main.people AS told USING (user_id) LEFT JOIN ledger.main.names AS found USING (user_id);
CREATE TEMP VIEW people AS FROM scoped_people;
CREATE TEMP VIEW models AS FROM scoped_models UNION ALL SELECT {not_itemised}, 'Not itemised', [];
CREATE TEMP VIEW bill_ask AS FROM ledger.main.bill_ask WHERE {everybody};
CREATE TEMP VIEW bill_costs AS FROM ledger.main.bill_costs WHERE {everybody};
CREATE TEMP VIEW bill_usage AS FROM ledger.main.bill_usage WHERE {everybody};
CREATE TEMP VIEW judged AS FROM ledger.main.judged WHERE FALSE;
CREATE TEMP VIEW told AS FROM ledger.main.told WHERE FALSE;
CREATE TEMP VIEW alerts AS FROM ledger.main.alerts WHERE FALSE;
CREATE TEMP VIEW deliveries AS FROM ledger.main.deliveries WHERE FALSE;
CREATE TEMP VIEW names AS FROM ledger.main.names WHERE FALSE;
CREATE TEMP VIEW marks AS FROM ledger.main.marks WHERE FALSE;
CREATE TEMP VIEW meta AS FROM ledger.main.meta WHERE FALSE
"""
_AS_WRITTEN = "(SELECT slot, model, CAST([] AS VARCHAR[]) AS variants FROM ledger.main.models)"
_ENTRIES = "(SELECT *, slot AS written FROM ledger.main.entries)"
_BY_FAMILY = """(
    SELECT * REPLACE (family_slot AS slot), slot AS written FROM ledger.main.entries JOIN family_of USING (slot)
)"""
_DEPARTED_BY_FAMILY = """(
    SELECT * REPLACE (coalesce(family_slot, slot) AS slot) FROM ledger.main.departed LEFT JOIN family_of USING (slot)
)"""
_CHOSEN_USERS = """
CREATE TEMP TABLE chosen_users AS SELECT user_key FROM scoped_users WHERE user_id IN (SELECT unnest($users))
"""
_CHOSEN_TEAM = """
CREATE TEMP TABLE chosen_team AS
SELECT user_key FROM scoped_people WHERE team = $team UNION ALL SELECT 0 WHERE $team = ''
"""
_CHOSEN_MODELS = "SELECT slot FROM scoped_models WHERE model IN (SELECT unnest($models))"
_CHOSEN = """
CREATE TEMP VIEW entries AS FROM scoped_entries WHERE {model} AND {user} AND {team};
CREATE TEMP VIEW entries_of_all_models AS FROM scoped_entries WHERE {user} AND {team};
CREATE TEMP VIEW spending AS FROM scoped_spending WHERE {model} AND {user} AND {team};
CREATE TEMP VIEW spending_of_all_models AS FROM scoped_spending WHERE {user} AND {team};
CREATE TEMP VIEW spending_of_all_users AS FROM scoped_spending WHERE {model} AND {team};
CREATE TEMP VIEW spending_of_all_teams AS FROM scoped_spending WHERE {model} AND {user};
CREATE TEMP VIEW users_of_all_models AS FROM scoped_users WHERE {user} AND {team};
CREATE TEMP VIEW users AS FROM users_of_all_models WHERE {used};
CREATE TEMP VIEW findings AS FROM scoped_findings WHERE user_key IN (SELECT user_key FROM users)
"""


def as_written(name: str) -> str:
    """Return a model's name as it is: the naming by which no two are one."""
    return name


def narrow(sql: duckdb.DuckDBPyConnection, scope: Scope, choice: Choice, naming: Naming) -> None:
    """Make the views, until the cursor `sql` is closed."""
    parts = {"within": "", "in_use": "", "written_in_use": "", "entries": _ENTRIES, "departed": "ledger.main.departed"}
    parts |= {"models": _AS_WRITTEN, "measures": ", ".join(MEASURES)}
    parts |= {"not_itemised": str(NOT_ITEMISED), "nobody": str(NOBODY)}
    if scope.users is not ALL_USERS:
        sql.execute(_SEEN, {"ids": sorted(scope.users)})
        parts["within"] = "SEMI JOIN seen USING (user_key)"
        parts["in_use"] = "WHERE slot IN (SELECT slot FROM scoped_entries)"
        parts["written_in_use"] = "WHERE slot IN (SELECT written FROM scoped_entries)"
    if naming is not as_written:
        _name_families(sql, naming, _MODEL_SEEN if parts["within"] else "TRUE")
        parts |= {"entries": _BY_FAMILY, "departed": _DEPARTED_BY_FAMILY, "models": "families"}
    parts["everybody"] = "FALSE" if parts["within"] else "TRUE"
    _execute_all(sql, _SCOPED.format(**parts))
    _choose(sql, choice)


def _choose(sql: duckdb.DuckDBPyConnection, choice: Choice) -> None:
    parts = {"user": "TRUE", "team": "TRUE", "model": "TRUE", "used": "TRUE"}
    if choice.users:
        sql.execute(_CHOSEN_USERS, {"users": choice.users})
        parts["user"] = "user_key IN (FROM chosen_users)"
    if choice.team is not None:
        sql.execute(_CHOSEN_TEAM, {"team": choice.team})
        parts["team"] = "user_key IN (FROM chosen_team)"
    if choice.models:
        slots = [slot for (slot,) in sql.execute(_CHOSEN_MODELS, {"models": choice.models}).fetchall()]
        parts["model"] = f"slot IN ({', '.join(map(str, slots))})" if slots else "FALSE"
        parts["used"] = "user_key IN (SELECT user_key FROM entries)"
    _execute_all(sql, _CHOSEN.format(**parts))


def _name_families(sql: duckdb.DuckDBPyConnection, naming: Naming, seen: str) -> None:
    """Make `families (slot, model, variants)`, at the slot of the oldest model, and `family_of (slot, family_slot)`.

    A family's slot is the same for everybody, but its variants are only models that are `seen`.
    """
    members: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for slot, model, is_seen in sql.execute(_MODELS.format(seen=seen)).fetchall():
        members[naming(model)].append((slot, model, is_seen))
    first = {name: found[0][0] for name, found in members.items()}
    variants = [[model for _, model, is_seen in found if is_seen] for found in members.values()]
    families = {
        "slot": pa.array(first.values(), pa.int32()),
        "model": pa.array(members.keys(), pa.string()),
        "variants": pa.array(variants, pa.list_(pa.string())),
    }
    slots = [(slot, first[name]) for name, found in members.items() for slot, *_ in found]
    family_of = {
        "slot": pa.array([slot for slot, _ in slots], pa.int32()),
        "family_slot": pa.array([family for _, family in slots], pa.int32()),
    }
    sql.register("families", pa.table(families))
    sql.register("family_of", pa.table(family_of))


def _execute_all(sql: duckdb.DuckDBPyConnection, statements: str) -> None:
    for statement in statements.strip().split(";\n"):
        sql.execute(statement)
