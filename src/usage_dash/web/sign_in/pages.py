"""The pages to sign in and out. A script asks with JSON and keeps what was typed; without it the same forms work."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Flask, jsonify, redirect, render_template, request, session

from usage_dash.access.identity import Identity
from usage_dash.settings import Way
from usage_dash.web import audit
from usage_dash.web.gate import Answer, Stranger
from usage_dash.web.sign_in import password
from usage_dash.web.sign_in.attempts import PAUSE_MINUTES, TooManyTriesError, Tries
from usage_dash.web.sign_in.door import SignIn
from usage_dash.web.sign_in.refusals import ProviderError, RefusedError

if TYPE_CHECKING:
    from usage_dash.web.sign_in.firebase import Firebase
    from usage_dash.web.sign_in.oidc import Provider

_NO_TRIES: Final = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_REQUEST}  # nobody's password was asked about
_LONGEST: Final = 1_000  # characters of what is typed
_MAILED: Final = (
    "If there is an account with this address, Firebase has just written to it how to choose a new password."
)


def register(server: Flask, door: SignIn) -> None:
    """Add the pages to a server that keeps sessions."""
    pages = _Pages(door)
    blueprint = Blueprint("sign_in", __name__)
    blueprint.add_url_rule("/sign-in", "page", pages.page)
    blueprint.add_url_rule("/sign-in", "enter", pages.enter, methods=["POST"])
    blueprint.add_url_rule("/sign-out", "leave", pages.leave, methods=["POST"])
    blueprint.add_url_rule("/sign-out", "left", pages.left)
    if door.firebase:
        blueprint.add_url_rule("/sign-in/forgot", "forgot", pages.forgot, methods=["POST"])
    if door.provider:
        blueprint.add_url_rule("/sign-in/oidc", "go", pages.go)
        blueprint.add_url_rule("/sign-in/oidc/back", "come_back", pages.come_back)
    server.register_blueprint(blueprint)
    server.register_error_handler(TooManyTriesError, pages.pause)
    server.register_error_handler(Stranger, lambda stranger: stranger.answer)


class _Pages:
    def __init__(self, door: SignIn) -> None:
        self._door = door
        self._tries, self._mails = Tries("sign-in"), Tries("mail")

    def page(self) -> Answer:
        """Ask to sign in; who has done so already goes on."""
        wanted = self._door.ours(request.args.get("next", ""))
        if self._door.identity():
            return redirect(wanted, HTTPStatus.SEE_OTHER)  # type: ignore[return-value]
        return self._form(wanted) if self._door.has_page else self._door.ask_to_sign_in()

    def enter(self) -> Answer:
        """Sign in with what was typed."""
        wanted = self._door.ours(request.form.get("next", ""))
        email, given = (request.form.get(name, "")[:_LONGEST] for name in ("email", "password"))
        with self._tries.turn():
            try:
                identity, refresh_token = self._identify(request.form.get("way", ""), email.strip(), given)
            except RefusedError as error:
                audit.note("refused", _way(), email if _way() == Way.FIREBASE else "", str(error))
                return self._told(error.status, error=self._counted(error), email=email)
        return self._on(identity, wanted, refresh_token)

    def forgot(self) -> Answer:
        """Let Firebase send a mail to choose a new password."""
        email = request.form.get("email", "")[:_LONGEST].strip()
        with self._mails.turn():
            self._mails.count()
        try:
            self._firebase.send_reset(email)
        except RefusedError as error:
            return self._told(error.status, error=str(error), email=email)
        audit.note("reset asked for", Way.FIREBASE)
        return self._told(HTTPStatus.OK, done=_MAILED, email=email)

    def pause(self, refused: TooManyTriesError) -> Answer:
        """Answer a try too many."""
        seconds = refused.seconds
        audit.note("refused", "any", why="too many tries")
        error = f"Too many tries. You can try again in {seconds // 60}:{seconds % 60:02}."
        email = request.form.get("email", "")[:_LONGEST]
        return self._told(HTTPStatus.TOO_MANY_REQUESTS, error=error, wait=seconds, email=email)

    def leave(self) -> Answer:
        """Sign out of this page."""
        found = self._door.sessions.current()
        identity = self._door.sessions.end()
        if found and identity:
            if self._door.firebase:
                self._door.firebase.release(found[0])
            audit.note("signed out", identity.way, identity.who)
            session["left"] = identity.way
        return redirect(f"{self._prefix}sign-out", HTTPStatus.SEE_OTHER)  # type: ignore[return-value]

    def left(self) -> Answer:
        """Say that somebody is signed out, and what of."""
        if self._door.can_leave():
            return redirect(self._prefix, HTTPStatus.SEE_OTHER)  # type: ignore[return-value]
        provider = self._door.provider if session.pop("left", None) == Way.OIDC else None
        way_out = provider.way_out(self._address("sign-out")) if provider else None
        return render_template("signed_out.html", provider=provider, way_out=way_out), HTTPStatus.OK, {}

    def go(self) -> Answer:
        """Go to the provider."""
        wanted = self._door.ours(request.args.get("next", ""))
        try:
            return self._provider.go(self._address("sign-in/oidc/back"), wanted)
        except ProviderError as error:
            audit.note("refused", Way.OIDC, why="the provider could not be asked")
            return self._form(wanted, error=str(error), way=Way.OIDC, status=HTTPStatus.BAD_GATEWAY)

    def come_back(self) -> Answer:
        """Sign in who comes from the provider."""
        try:
            identity, wanted = self._provider.come_back()
        except ProviderError as error:
            audit.note("refused", Way.OIDC, why="the provider did not sign them in")
            return self._form(self._prefix, error=str(error), way=Way.OIDC, status=HTTPStatus.FORBIDDEN)
        return self._on(identity, self._door.ours(wanted))

    def _identify(self, way: str, email: str, given: str) -> tuple[Identity, str | None]:
        """Return whose password was typed, and with firebase their refresh token. Raise `RefusedError`."""
        settings = self._door.settings
        if way == Way.FIREBASE and self._door.firebase:
            return self._door.firebase.sign_in(email, given)
        if way == Way.PASSWORD and Way.PASSWORD in self._door.ways and settings.password:
            if identity := password.identify(given, settings.password, settings.admin_password):
                return identity, None
            raise RefusedError("This is not the password.", HTTPStatus.UNAUTHORIZED)
        raise RefusedError("Nobody can sign in this way here.", HTTPStatus.BAD_REQUEST)

    def _on(self, identity: Identity, wanted: str, refresh_token: str | None = None) -> Answer:
        """Begin a session, and go where somebody wanted to go."""
        key = self._door.sessions.begin(self._door.lists.needed(identity))
        if self._door.firebase and refresh_token:
            self._door.firebase.hold(key, identity, refresh_token)
        audit.note("signed in", identity.way, identity.who)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(next=wanted)
        return redirect(wanted, HTTPStatus.SEE_OTHER)  # type: ignore[return-value]

    def _counted(self, error: RefusedError) -> str:
        """Count a try, and return the sentence, with how many are left when the password may be guessed again."""
        if error.status in _NO_TRIES:
            return str(error)
        tries = self._tries.count()
        if error.status != HTTPStatus.UNAUTHORIZED:
            return str(error)
        if not tries:
            return f"{error} That was the last try for now."
        pause = f"then a pause of up to {PAUSE_MINUTES} minutes"  # it is counted from the first wrong try on
        return f"{error} {tries} more {'try' if tries == 1 else 'tries'}, {pause}."

    def _told(self, status: HTTPStatus, **told: Any) -> Answer:
        """Answer a form: with JSON to our script, else with the page again."""
        if request.accept_mimetypes.best == "application/json":
            answer = jsonify({name: told[name] for name in ("error", "done", "wait") if name in told})
            answer.status_code = status
            return answer
        wanted = self._door.ours(request.form.get("next", ""))
        return self._form(wanted, way=request.form.get("way"), status=status, **told)

    def _form(self, wanted: str, *, status: HTTPStatus = HTTPStatus.OK, **told: Any) -> Answer:
        return render_template("sign_in.html", door=self._door, wanted=wanted, **told), status, {}

    def _address(self, path: str) -> str:
        """Return the whole address of a path of ours, as browsers know it."""
        return f"{request.host_url.rstrip('/')}{self._prefix}{path}"

    @property
    def _prefix(self) -> str:
        return self._door.settings.url_prefix

    @property
    def _provider(self) -> Provider:
        if self._door.provider is None:
            raise LookupError("There is no provider.")
        return self._door.provider

    @property
    def _firebase(self) -> Firebase:
        if self._door.firebase is None:
            raise LookupError("There is no Firebase.")
        return self._door.firebase


def _way() -> str:
    """Return the way of the form that was sent, for the audit; what is none is not written there."""
    way = request.form.get("way", "")
    return way if way in set(Way) else "unknown"
