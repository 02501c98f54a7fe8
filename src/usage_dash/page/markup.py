"""HTML of components, in the tags that Dash draws them with: for those who see the page before Dash is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import escape

_NAMES = {"className": "class", "htmlFor": "for", "dateTime": "datetime", "tabIndex": "tabindex"}
_OURS = (
    "id",
    "hidden",
    "open",
    "role",
    "title",
    "type",
    "scope",
    "href",
    "action",
    "method",
    "href",
    "disabled",
    *_NAMES,
)  # what components of this page use, beside aria-* and data-*

Props = dict[str, Any]


def markup(component: Any) -> str:
    """Return the HTML of a component's JSON, of a text, a number, or a list of them.

    What shows nothing, as a store, or only by a script, as a chart, is an empty place. Raises `KeyError` for a
    component of a library that this page does not use.
    """
    if component is None or isinstance(component, bool):
        return ""
    if isinstance(component, list):
        return "".join(map(markup, component))
    if not isinstance(component, dict):
        return str(escape(component))
    props = component["props"]
    if component["namespace"] == "dash_html_components":
        return _element(component["type"].lower(), props)
    return _LIBRARIES[component["namespace"]][component["type"]](props)


def _element(tag: str, props: Props) -> str:
    return f"<{tag}{_attributes(props)}>{markup(props.get('children'))}</{tag}>"


def _attributes(props: Props) -> str:
    kept = ((_NAMES.get(name, name), value) for name, value in props.items() if _is_attribute(name))
    told = [
        f' {name}="{escape(value)}"' if value is not True else f" {name}"
        for name, value in kept
        if value is not None and value is not False
    ]
    style = "".join(f"{name}: {value}; " for name, value in props.get("style", {}).items()).strip()
    return "".join(told) + (f' style="{escape(style)}"' if style else "")


def _is_attribute(name: str) -> bool:
    return name in _OURS or name.startswith(("aria-", "data-"))


def _place(props: Props) -> str:
    return _element("div", {name: props[name] for name in ("id", "className") if name in props})


def _nothing(_props: Props) -> str:
    return ""


_LIBRARIES: dict[str, dict[str, Callable[[Props], str]]] = {
    "dash_core_components": {"Graph": _place, "Store": _nothing, "Interval": _nothing},
    "dash_table": {"DataTable": _place},
}
