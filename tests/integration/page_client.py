"""Asks the app over HTTP as the page in a browser does, and finds things in what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from usage_dash.page import ids

UPDATE = "/_dash-update-component"


class PageClient:
    """One open page: asks what its one refreshing callback asks, and keeps nothing of the answers."""

    def __init__(self, server: Flask) -> None:
        self._client = server.test_client()

    def refresh(self, *, triggered_by: str = "", **values: Any) -> dict[str, Any]:
        """Ask for everything; `values` are those of inputs, by component id with underscores. Gives parts by id."""
        body = request(self._client)
        for part in body["inputs"] + body["state"]:
            part["value"] = values.get(part["id"].replace("-", "_"))
        if triggered_by:
            body["changedPropIds"] = [triggered_by]
        answer = self._client.post(UPDATE, json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        parts: dict[str, Any] = answer.get_json()["response"]
        return parts


def request(client: FlaskClient, part: str = f"{ids.STATUS_SLOT}.children") -> dict[str, Any]:
    """Return a callback request as the page sends it first; `part` is one of its outputs."""
    return request_of(client.get("/_dash-dependencies").json, part)


def request_of(dependencies: list[dict[str, Any]], part: str = f"{ids.STATUS_SLOT}.children") -> dict[str, Any]:
    """Return the same of what “/_dash-dependencies” has answered."""
    [callback] = [one for one in dependencies if part in one["output"]]
    names = [name.rsplit(".", 1) for name in callback["output"].strip(".").split("...")]
    return {
        "output": callback["output"],
        "outputs": [{"id": component, "property": name} for component, name in names],
        "inputs": [{**named, "value": None} for named in callback["inputs"]],
        "state": [{**named, "value": None} for named in callback["state"]],
        "changedPropIds": ["{id}.{property}".format(**callback["inputs"][0])],
    }


def find(tree: Any, component_id: str) -> dict[str, Any]:
    """Return the properties of the component with this id, anywhere in `tree`."""
    return next(props for props in _components(tree) if props.get("id") == component_id)


def text(tree: Any) -> str:
    """Return all text in `tree`, as a reader sees it."""
    if isinstance(tree, list):
        return "".join(map(text, tree))
    if isinstance(tree, dict):
        return text(tree.get("props", tree).get("children"))
    return "" if tree is None else str(tree)


def _components(tree: Any) -> Iterator[dict[str, Any]]:
    for part in tree if isinstance(tree, list) else [tree]:
        if isinstance(part, dict) and "props" in part:
            yield part["props"]
            yield from _components(part["props"].get("children"))
