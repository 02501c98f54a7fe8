"""The charts in their panels: what each shows of the view models, as a figure, in words, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import html

from usage_dash.page import ids
from usage_dash.page.components.chart import FIRST_ROW, SECOND_ROW, Chart, Shown, Table
from usage_dash.page.components.chart_panels import Option, head, panel, switch
from usage_dash.page.components.cost_chart import cost_over_time
from usage_dash.page.components.count_charts import counts_over_time
from usage_dash.page.figures.bars import bars
from usage_dash.page.figures.donut import model_distribution
from usage_dash.page.figures.words import in_words
from usage_dash.page.marks import Mark, marks, team_marks, user_marks
from usage_dash.page.names import fenced
from usage_dash.page.request import Top
from usage_dash.reporting.view_models import TopUser
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount


def layout() -> html.Div:
    """The panels, before anything is known; on a user's page their models stand beside what they cost."""
    first, second = ([panel(chart, title) for chart, title in row.items()] for row in (FIRST_ROW, SECOND_ROW))
    models = html.Div(id=ids.PERSON_MODELS, className="person-models")
    return html.Div(
        [html.Div([*first, models], className="grid charts"), html.Div(second, className="grid charts thirds")],
        className="panels",
    )


def charts(shown: Shown) -> dict[str, Chart]:
    """All charts by id."""
    drawn = {
        ids.COST_OVER_TIME: cost_over_time(shown),
        ids.COST_BY_MODEL: _cost_by_model(shown),
        ids.CALLS_OVER_TIME: counts_over_time(shown),
        ids.MODEL_DISTRIBUTION: _model_distribution(shown),
    }
    return drawn if shown.users is None else drawn | {ids.TOP_USERS: _top(shown, shown.users)}


def sent(drawn: dict[str, Chart], first: date, last: date) -> dict[str, Any]:
    """Return the charts of some days as assets/charts.js takes them."""
    days = f"{first}_{last}"
    return {
        chart: {
            "figure": content.figure,
            "head": content.head,
            "key": content.key,
            "summary": content.summary,
            "table": {"columns": content.table.columns, "rows": content.table.rows},
            "file": f"{content.name}_{days}",
        }
        for chart, content in drawn.items()
    }


def _cost_by_model(shown: Shown) -> Chart:
    drawn = marks(shown.models)
    costs = _costs(drawn)
    return Chart(
        bars(drawn),
        _table("Model", drawn, {"Cost": costs}),
        f"Bar chart: cost by model {shown.label}: {_listing(drawn, costs)}.",
        head(ids.COST_BY_MODEL, "Cost by model", shown.label),
        name="cost-by-model",
    )


def _model_distribution(shown: Shown) -> Chart:
    drawn = [mark for mark in marks([usage for usage in shown.models if usage.chosen]) if mark.calls.known]
    calls = sum(mark.calls.known for mark in drawn)
    counts = [formats.counted(int(mark.calls.known), "call") for mark in drawn]
    columns = {
        "Calls": [narrow_amount(mark.calls, formats.number) for mark in drawn],
        "Share": [formats.share(mark.calls.known / calls) for mark in drawn],
    }
    return Chart(
        model_distribution(drawn),
        _table("Model", drawn, columns),
        f"Donut chart: API calls by model {shown.label}: {_listing(drawn, counts)}.",
        head(ids.MODEL_DISTRIBUTION, "Model distribution", "share of calls"),
        name="model-distribution",
    )


def _top(shown: Shown, users: Sequence[TopUser]) -> Chart:
    """The dearest users, or teams where there are any."""
    of_teams = shown.looks.top is Top.TEAMS and shown.has_teams
    word, title = ("Team", "Top teams") if of_teams else ("User", "Top users")
    drawn = team_marks(shown.teams) if of_teams else user_marks(users)
    costs = _costs(drawn)
    columns = {"Cost": costs} if of_teams else {"Id": [fenced(user.user_id) for user in users], "Cost": costs}
    choice = switch(
        "Whose cost", [Option("Users", {"top": None}, not of_teams), Option("Teams", {"top": "teams"}, of_teams)]
    )
    return Chart(
        bars(drawn),
        _table(word, drawn, columns),
        f"Bar chart: dearest {word.lower()}s {shown.label}: {_listing(drawn, costs)}.",
        head(ids.TOP_USERS, title, shown.label, [choice] if shown.has_teams else []),
        name=title.lower().replace(" ", "-"),
    )


def _costs(drawn: Sequence[Mark]) -> list[str]:
    return [in_words(mark.cost, formats.money) for mark in drawn]


def _table(of: str, drawn: Sequence[Mark], columns: dict[str, list[str]]) -> Table:
    names = [fenced(mark.name) for mark in drawn]
    return Table((of, *columns), [list(row) for row in zip(names, *columns.values(), strict=True)])


def _listing(drawn: Sequence[Mark], amounts: Sequence[str]) -> str:
    return ", ".join(f"{fenced(mark.name)} {amount}" for mark, amount in zip(drawn, amounts, strict=True)) or "none"
