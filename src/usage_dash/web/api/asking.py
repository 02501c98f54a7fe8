"""What the API is asked: the page's own grammar, as models of which the description is made.

What a query string says is read by `reporting.grammar`, which also judges it. The models say the same to whoever reads
the description, and judge what is the API's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from flask import Response, make_response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import ErrorDetails

from usage_dash.reporting import grammar
from usage_dash.reporting.filters import By, Compare, Filters, RangeName, UserSort
from usage_dash.reporting.grammar import LONGEST_NAME, MOST_NAMES, Read
from usage_dash.web.answers import problem

MOST: Final = 1_000  # rows of a list at once
LONGEST_CURSOR: Final = 8_000  # characters
_MOST_FIELDS: Final = 1_000
_SHOWN: Final = 80  # characters of an odd name
# What only changes how the page looks: whoever pastes its query string means its figures.
_LOOKS: Final = frozenset({"measure", "sum", "top", "height", "open", "entries", "page", "sort"})
_UNREADABLE: Final = "what cannot be read"
# What the grammar does not judge.
_OWN: Final = {
    "limit": f"“limit” that is not a whole number from 1 to {MOST:,}",
    "cursor": "“cursor” that is none",
    "sort": f"“sort” that is not one of {', '.join(UserSort)}, or one of them after a “-”",
}


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class Question(BaseModel):
    """The filters, which are those of the page."""

    model_config = ConfigDict(extra="forbid")

    range: RangeName = Field(RangeName.MONTH, description="Which days; or “from” and “to” in its place.")
    from_: date | SkipJsonSchema[None] = Field(
        None,
        alias="from",
        description="The first reporting day, in place of “range”.",
        json_schema_extra=_without_default,
    )
    to: date | SkipJsonSchema[None] = Field(
        None, description="The last reporting day, beside “from”; without it today.", json_schema_extra=_without_default
    )
    model: list[Text] = Field([], max_length=MOST_NAMES, description="Models; all without one. May be repeated.")
    user: list[Text] = Field([], max_length=MOST_NAMES, description="Ids of users; all without one. May be repeated.")
    team: Annotated[str, Field(max_length=LONGEST_NAME)] | SkipJsonSchema[None] = Field(
        None, description="A team; empty: who is in none.", json_schema_extra=_without_default
    )
    by: By | SkipJsonSchema[None] = Field(
        None,
        description="What a bucket is; without it days, or weeks or months of long ranges.",
        json_schema_extra=_without_default,
    )
    compare: Compare = Field(
        Compare.PREVIOUS, description="With what the range is compared: the span before, or the month before."
    )

    @model_validator(mode="before")
    @classmethod
    def _without_looks(cls, told: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in told.items() if name not in _LOOKS or name in cls.model_fields}


class QuestionOfUsers(Question):
    """Users in an order, some at once."""

    sort: str = Field(
        "-cost",
        pattern=f"^-?({'|'.join(UserSort)})$",
        description="A column; with “-” before it the other way round. What is unknown comes last.",
    )
    limit: int = Field(100, ge=1, le=MOST, description="How many at most.")
    cursor: str = Field("", max_length=LONGEST_CURSOR, description="Where the list goes on; “next” has it.")


class QuestionOfEntries(Question):
    """Entries, some at once."""

    limit: int = Field(100, ge=1, le=MOST, description="How many at most.")
    cursor: str = Field("", max_length=LONGEST_CURSOR, description="Where the list goes on; “next” has it.")


class OneUser(BaseModel):
    """Whose figures are asked for."""

    user_id: Text


def read(today: date) -> Read:
    """Return what the request asks for, and in words what of it cannot be."""
    try:
        text = request.query_string.decode("ascii")
        query = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return Read(Filters(), (_UNREADABLE,))
    found = grammar.filters_of(query, today)
    twice = tuple(f"several of “{name}”" for name in _OWN if len(query.get(name, ())) > 1)
    return Read(found.filters, (*found.left_out, *twice))


def refusal(errors: Sequence[str], status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
    """Return the answer to what cannot be, or is not there, in words."""
    return make_response(problem(f"This asks for {'; '.join(errors)}.", status, errors))


def refuse_invalid(error: ValidationError) -> Response:
    """Return the answer to what the models do not let pass."""
    return refusal(sorted({_words(wrong) for wrong in error.errors()}))


def _words(wrong: ErrorDetails) -> str:
    name = str(wrong["loc"][0])
    if wrong["type"] == "extra_forbidden":
        return f"“{name[:_SHOWN]}”, which nothing here is called"
    return _OWN.get(name, f"“{name}” that cannot be")
