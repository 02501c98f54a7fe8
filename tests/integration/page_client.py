"""Asks the app over HTTP as the page in a browser does, and finds things in what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask

from usage_dash import ids


class PageClient:
    """One open page: knows the one callback that refreshes it, and keeps nothing of the answers."""

    def __init__(self, server: Flask) -> None:
        self._client = server.test_client()
        dependencies = self._client.get("/_dash-dependencies").get_json()
        (self._callback,) = (one for one in dependencies if f"{ids.STATUS_SLOT}.children" in one["output"])

    def refresh(self, *, triggered_by: str = "", **values: Any) -> dict[str, Any]:
        """Ask for everything; `values` are those of inputs, by component id with underscores. Gives parts by id."""
        known = {name.replace("_", "-"): value for name, value in values.items()}
        answer = self._client.post(
            "/_dash-update-component",
            json={
                "output": self._callback["output"],
                "outputs": [_property(text) for text in self._callback["output"].strip(".").split("...")],
                "inputs": [one | {"value": known.get(one["id"])} for one in self._callback["inputs"]],
                "state": [one | {"value": known.get(one["id"])} for one in self._callback["state"]],
                "changedPropIds": [triggered_by] if triggered_by else [],
            },
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
        parts: dict[str, Any] = answer.get_json()["response"]
        return parts


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


def _property(dotted: str) -> dict[str, str]:
    component, _, name = dotted.rpartition(".")
    return {"id": component, "property": name}
