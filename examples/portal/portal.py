"""A made-up company's portal that shows usage-dash in three ways: in a frame, as a small card, and mounted."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Flask, Response, abort, redirect, render_template, request, session, url_for

import usage_dash
from usage_dash import Viewer

HOST = "127.0.0.1"
SHORTEST_SECRET = 32  # characters


@dataclass(frozen=True)
class Person:
    """Somebody who works here; `user_id` is the id of their usage document."""

    user_id: str
    name: str
    role: str
    team: str = ""

    @property
    def initials(self) -> str:
        """The first letters of their names."""
        return "".join(word[0] for word in self.name.split())

    @property
    def sees(self) -> object:
        """Whose usage they may see, as the claim `see` of a token says it."""
        if self.role == "finance":
            return "all"
        return {"teams": [self.team]} if self.role == "lead" else {"users": [self.user_id]}

    @property
    def viewer(self) -> Viewer:
        """The same, as usage-dash takes it where it is mounted."""
        if self.role == "finance":
            return Viewer.viewer(self.name)
        return Viewer.lead([self.team], self.name) if self.role == "lead" else Viewer.only([self.user_id], self.name)


PEOPLE = {
    "jo": Person("jo.brandt", "Jo Brandt", "finance"),
    "tove": Person("t.lindqvist", "Tove Lindqvist", "lead", "Support"),
    "chen": Person("chen.wei", "Chen Wei", "engineer"),
}


def make_portal(dashboard: str, embed_secret: str, *, token_seconds: int = 600, **mounted: Any) -> Flask:
    """Make the portal. `dashboard` is the address of a usage-dash of its own, which knows the same `embed_secret`.

    `mounted` goes on to `usage_dash.mount`; without it that reads its settings from the environment.
    """
    portal = Flask("portal", root_path=os.path.dirname(__file__))  # noqa: PTH120 - as Flask wants it
    portal.secret_key = os.urandom(32)  # sessions end with the process
    portal.config.update(SESSION_COOKIE_NAME="portal", SESSION_COOKIE_SAMESITE="Lax")
    portal.jinja_env.globals.update(dashboard=dashboard.rstrip("/"), people=PEOPLE)
    _pages(portal)
    _tokens(portal, embed_secret, token_seconds)
    _policy(portal, dashboard.rstrip("/"))
    portal.extensions["usage_dash"] = usage_dash.mount(portal, "/usage", current_viewer=current_viewer, **mounted)
    return portal


def somebody() -> Person | None:
    """Return who is signed in to the portal."""
    return PEOPLE.get(session.get("who", ""))


def current_viewer() -> Viewer | None:
    """Tell the mounted dashboard who is looking."""
    person = somebody()
    return person.viewer if person else None


def _pages(portal: Flask) -> None:
    @portal.get("/sign-in")
    def sign_in() -> str:
        return render_template("sign_in.html")

    @portal.post("/sign-in")
    def enter() -> Any:
        if request.form.get("who") not in PEOPLE:
            abort(400)
        session["who"] = request.form["who"]  # a real portal asks for more than a name
        return redirect(url_for("costs"))

    @portal.post("/sign-out")
    def leave() -> Any:
        session.clear()
        return redirect(url_for("sign_in"))

    @portal.get("/")
    def costs() -> Any:
        return _page("costs.html")

    @portal.get("/my-usage")
    def my_usage() -> Any:
        return _page("my_usage.html")


def _page(template: str) -> Any:
    """Show a page to whoever is signed in."""
    person = somebody()
    return render_template(template, person=person) if person else redirect(url_for("sign_in"))


def _tokens(portal: Flask, secret: str, seconds: int) -> None:
    @portal.get("/my-token")
    def my_token() -> dict[str, str]:
        """Sign what a frame may show, for a few minutes; `?only=me` is for the small card, also of who may see more."""
        person = somebody() or abort(401)
        sees = {"users": [person.user_id]} if request.args.get("only") == "me" else person.sees
        now = int(time.time())
        claims = {"aud": "usage-dash", "iat": now, "exp": now + seconds, "sub": person.name, "see": sees}
        return {"token": jwt.encode(claims, secret, algorithm="HS256")}


def _policy(portal: Flask, dashboard: str) -> None:
    policy = f"default-src 'self'; img-src 'self' data:; script-src 'self' {dashboard}; frame-src {dashboard}"

    @portal.after_request
    def dress(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response


def main() -> None:
    """Serve the portal on this machine."""
    secret = os.environ.get("USAGE_DASH_EMBED_SECRET", "")
    dashboard = os.environ.get("DASHBOARD", "http://127.0.0.1:8050")
    if len(secret) < SHORTEST_SECRET:
        sys.exit(f"Set USAGE_DASH_EMBED_SECRET to the secret of usage-dash, of {SHORTEST_SECRET} characters at least.")
    make_portal(dashboard, secret).run(HOST, int(os.environ.get("PORT", "5000")))


if __name__ == "__main__":
    main()
