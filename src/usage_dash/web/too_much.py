"""What the ledger has too little memory for is said to be so, and that it may be otherwise in a moment."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from flask import Flask

from usage_dash.ledger.ledger import TooMuchError
from usage_dash.web.answers import Refusal, refusal

_log = logging.getLogger(__name__)
_SOON: Final = {"Retry-After": "30"}


def tell(server: Flask) -> None:
    """Answer with 503 and a sentence where a question was too much."""

    @server.errorhandler(TooMuchError)
    def told(error: TooMuchError) -> Refusal:
        _log.error("A question was too much for the ledger: %s", str(error.__cause__).partition("\n")[0])
        sentence, status, headers = refusal(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        return sentence, status, headers | _SOON
