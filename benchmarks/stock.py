"""The page that one writes after Dash's tutorial, over the same documents: `python -m benchmarks.stock USERS ENTRIES`.

The baseline of what a visitor waits for: cards, four charts and a table, worked out by pandas and plotly express for
each viewer, in a layout that a callback fills. Prints its address, and ends when its standard input does.
"""

from __future__ import annotations

import sys
import threading
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.express as px
from benchmarks.workload import CannedSource
from dash import Dash, Input, Output, dash_table, dcc, html
from waitress import create_server

from usage_dash.ledger.ledger import Ledger
from usage_dash.sync.sync import Sync

CHARTS = ("cost", "cost-by-model", "calls", "calls-by-model")


def frame(users: int, entries: int) -> pd.DataFrame:
    """Return the documents' entries of the last 30 days, with their users' ids."""
    source = CannedSource(users, entries)
    ledger = Ledger(source.source.identity, ZoneInfo("UTC"))
    sync = Sync(source, ledger, reconcile_hours=0)
    sync.refresh(wait=3600)
    with ledger.reader() as sql:
        found = sql.execute(
            'SELECT user_id, "at"::date AS day, model, cost, calls, entries.total_tokens FROM entries'
            " JOIN users USING (user_key) JOIN models USING (slot)"
            ' WHERE "at" > (SELECT max("at") FROM entries) - INTERVAL 30 DAY'
        ).df()
    sync.close()
    return found


def page(entries: pd.DataFrame) -> Dash:
    """Return the app; its one callback works everything out each time."""
    app = Dash("stock", serve_locally=True, enable_mcp=False, include_assets_files=False)
    app.layout = html.Div(
        [
            html.H1("OpenAI usage"),
            html.Div(id="cards"),
            *(dcc.Graph(id=chart) for chart in CHARTS),
            dash_table.DataTable(id="table", page_size=10, sort_action="native"),
            dcc.Interval(id="interval", interval=30_000),
        ]
    )

    @app.callback(
        Output("cards", "children"),
        *(Output(chart, "figure") for chart in CHARTS),
        Output("table", "data"),
        Input("interval", "n_intervals"),
    )
    def refresh(_ticks: object) -> list[Any]:
        sums = entries[["cost", "calls", "total_tokens"]].sum()
        by_day = entries.groupby(["day", "model"], as_index=False)[["cost", "calls"]].sum()
        by_model = entries.groupby("model", as_index=False)[["cost", "calls"]].sum()
        by_user = entries.groupby("user_id", as_index=False)[["cost", "calls", "total_tokens"]].sum()
        return [
            [html.H2(f"{value:,.2f} {name}", className="val") for name, value in sums.items()],
            px.line(by_day, x="day", y="cost", color="model"),
            px.bar(by_model, x="cost", y="model"),
            px.line(by_day, x="day", y="calls", color="model"),
            px.pie(by_model, values="calls", names="model"),
            by_user.nlargest(100, "cost").to_dict("records"),
        ]

    return app


if __name__ == "__main__":
    server = create_server(page(frame(int(sys.argv[1]), int(sys.argv[2]))).server, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    print(f"http://127.0.0.1:{server.effective_port}/", flush=True)
    sys.stdin.read()
