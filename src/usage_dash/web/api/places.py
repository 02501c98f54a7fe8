"""The places of the API: each answers one of the page's questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, OpenAPI
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from usage_dash.money.outlook import Outlook
from usage_dash.prices.price_list import PriceList
from usage_dash.reporting.dashboard import Reports
from usage_dash.sync.sync import Sync
from usage_dash.web.answers import API
from usage_dash.web.api import answering, asking, shapes
from usage_dash.web.api.answering import Asked
from usage_dash.web.api.asking import OneUser, Question, QuestionOfEntries, QuestionOfUsers
from usage_dash.web.api.problems import DESCRIBED
from usage_dash.web.api.responses import Responses


class _Id(BaseConverter):
    """An id of a document in a path, which may hold anything."""

    regex = "(?s:.+)"
    part_isolating = False


class _Place(NamedTuple):
    find: Callable[[Asked], shapes.Answer]
    shape: type[shapes.Answer]
    summary: str


# Those that take filters and nothing else.
_PLACES: Final = {
    "overview": _Place(answering.figures, shapes.Figures, "The figures of the cards."),
    "timeline": _Place(answering.line, shapes.Line, "Figures by day, week or month."),
    "models": _Place(answering.models, shapes.Models, "What each model cost."),
    "teams": _Place(answering.teams, shapes.Teams, "What each team cost."),
    "unusual": _Place(answering.unusual, shapes.Unusual, "Days and users that cost far more than usual, and why."),
}


def register(
    server: OpenAPI, sync: Sync, reports: Reports, prices: PriceList, prefix: str, *, outlook: Outlook
) -> None:
    """Add the places to a server that is shown below the path `prefix`."""
    server.url_map.converters["id"] = _Id
    blueprint = APIBlueprint("api", __name__, url_prefix=API, abp_responses=DESCRIBED, abp_security=[{"token": []}])
    responses = Responses(sync, reports, prices, f"{prefix}{API.lstrip('/')}", outlook=outlook)

    @blueprint.before_request
    def judge() -> Response | None:
        wrong = asking.read(reports.today).left_out
        return asking.refusal(wrong) if wrong else None

    for name, place in _PLACES.items():
        _add_place(blueprint, responses, name, place)
    _add_lists(blueprint, responses)
    _add_others(blueprint, responses)
    blueprint.add_url_rule("/openapi.json", "description", lambda: jsonify(server.api_doc))
    for rule in ("", "/", "/<path:elsewhere>"):
        blueprint.add_url_rule(rule, "nothing", _nothing)
    server.register_api(blueprint)


def _add_place(blueprint: APIBlueprint, responses: Responses, name: str, place: _Place) -> None:
    def answer(query: Question) -> Response:  # noqa: ARG001 - it describes what `asking.read` reads
        return responses.answer(name, place.find)

    add = blueprint.get(
        f"/{name}", summary=place.summary, operation_id=name, responses={200: place.shape}, endpoint=name
    )
    add(answer)


def _add_lists(blueprint: APIBlueprint, responses: Responses) -> None:
    @blueprint.get("/users", responses={200: shapes.Users})
    def users(query: QuestionOfUsers) -> Response:
        """All-time figures of each user, and what they cost in the range."""
        return responses.users(query)

    @blueprint.get("/entries", responses={200: shapes.Entries})
    def entries(query: QuestionOfEntries) -> Response:
        """Each entry of the range."""
        return responses.entries(query)


def _add_others(blueprint: APIBlueprint, responses: Responses) -> None:
    @blueprint.get("/users/<id:user_id>", responses={200: shapes.Person}, merge_slashes=False)
    def user(path: OneUser, query: Question) -> Response:  # noqa: ARG001 - see above
        """All about one user."""
        return responses.user(path.user_id)

    @blueprint.get("/budgets", responses={200: shapes.Budgets})
    def budgets() -> Response:
        """How budgets stand this month."""
        return responses.budgets()

    @blueprint.get("/status", responses={200: shapes.Status})
    def status() -> Response:
        """How the data is."""
        return responses.status()


def _nothing(elsewhere: str = "") -> Response:  # noqa: ARG001 - the rule's
    raise NotFound
