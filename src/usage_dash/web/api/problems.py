"""What can go wrong, told as problem details whatever it is: nothing below the API's path is answered by a page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, make_response
from werkzeug.exceptions import HTTPException

from usage_dash.web.answers import asked_by_a_program, problem

_WORDS: Final = {
    HTTPStatus.NOT_FOUND: "Nothing is here.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This can only be read, with GET.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This request is too long.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in usage-dash; its log says what.",
}
_CONTENT: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _described(what: str) -> dict[str, Any]:
    return {"description": what, "content": _CONTENT}


# What each place may answer instead.
DESCRIBED: Final[dict[str | int | HTTPStatus, Any]] = {
    HTTPStatus.BAD_REQUEST: _described("What the query string asks for cannot be, or the host is not known."),
    HTTPStatus.UNAUTHORIZED: _described("There is no token, or one that lets nobody in."),
    HTTPStatus.FORBIDDEN: _described("Whoever asks may not."),
    HTTPStatus.NOT_FOUND: _described("A user, model or team is not there, or not for who asks."),
    HTTPStatus.METHOD_NOT_ALLOWED: _described("All can only be read."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _described("The request is too long."),
    HTTPStatus.INTERNAL_SERVER_ERROR: _described("A fault of usage-dash."),
    HTTPStatus.SERVICE_UNAVAILABLE: _described(
        "Nothing is known yet, there is too little memory for this, or nobody can be let in."
    ),
}


def tell(server: Flask) -> None:
    """Answer programs with problem details also where Flask itself answers."""

    @server.errorhandler(HTTPException)
    def told(error: HTTPException) -> HTTPException | Response:
        if not asked_by_a_program() or error.response is not None:
            return error
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        answer = make_response(problem(_WORDS.get(status, f"{status.phrase}."), status))
        if allowed := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(sorted(allowed))
        return answer
