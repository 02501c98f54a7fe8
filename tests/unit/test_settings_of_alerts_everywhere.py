"""Whatever service of apprise an address is of: what people read of it holds no token, no password and no path."""

from __future__ import annotations

import re
from typing import Any, Final

from apprise.apprise import N_MGR
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from usage_dash.settings.alert_addresses import Address, alert_addresses

_HOST: Final = "acme.example"
_SHOWN: Final = {"schema", "host", "port"}
_SHOWN_OF: Final = {"mailto": {"user", "targets"}, "slack": {"targets"}}  # beside a host
_SHORTEST: Final = 6  # characters of a value that cannot be there by chance
_PLUGINS: Final = [plugin for plugin in N_MGR.plugins() if plugin.enabled and plugin.templates]
_TOKEN: Final = re.compile(r"{(\w+)}")


@st.composite
def _addresses(draw: st.DrawFn) -> tuple[str, set[str]]:
    """An address by one of apprise's own templates, and what must not be shown of it."""
    plugin = draw(st.sampled_from(_PLUGINS))
    scheme = draw(st.sampled_from(sorted(plugin.schemas(plugin))))
    form = draw(st.sampled_from(plugin.templates))
    tokens = {name: plugin.template_tokens.get(name, {}) for name in _TOKEN.findall(form)}
    values = {name: draw(_values(name, token)) for name, token in tokens.items()}
    shown = _SHOWN | _SHOWN_OF.get(scheme.removesuffix("s"), set())
    shown |= {name for name, token in tokens.items() if token.get("values")}  # a choice of a few is no secret
    values |= {"schema": scheme, "host": _HOST}
    hidden = {value for name, value in values.items() if name not in shown and len(value) >= _SHORTEST}
    return _TOKEN.sub(lambda found: values[found[1]], form), hidden


def _values(name: str, token: dict[str, Any]) -> st.SearchStrategy[str]:
    if token.get("type") == "int" or name == "port":
        return st.integers(1000, 60_000).map(str)
    if token.get("values"):
        return st.sampled_from(sorted(map(str, token["values"])))
    if regex := token.get("regex"):
        flags = re.IGNORECASE if "i" in (regex[1] or "") else 0
        return st.from_regex(re.compile(regex[0], flags), fullmatch=True, alphabet=st.characters(codec="ascii"))
    text = st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=20, max_size=32)
    return text.map("/{}".format) if name == "path" else text


def _read(url: str) -> tuple[Address, ...] | str:
    """Return the addresses, or the sentence that says what is wrong with them."""
    try:
        found = alert_addresses(url)
    except PydanticCustomError as error:
        event("not understood")
        return error.message()
    assert isinstance(found, tuple)
    event("understood")
    return found


@settings(max_examples=400)
@given(_addresses())
def test_what_people_read_of_an_address_holds_nothing_secret(made: tuple[str, set[str]]) -> None:
    url, hidden = made
    found = _read(url)
    told = found if isinstance(found, str) else " ".join(f"{address.short} {address!r}" for address in found)
    assert not [value for value in hidden if value.lower() in told.lower()], (url, told)
