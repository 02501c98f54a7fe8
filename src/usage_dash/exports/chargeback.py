"""What each team is to be charged, a column a month, as accountants lay it out."""

from __future__ import annotations

import pyarrow as pa

from usage_dash.reporting.exports import Rows


def by_month(rows: Rows) -> Rows:
    """Return dollars, a row a team and a column a month, and their sum; no usage is zero, unknown is null."""
    frame = pa.Table.from_batches(rows.batches, rows.schema).to_pandas()
    frame["team"] = frame["team"].fillna("")
    costs = frame.pivot(index="team", columns="month", values="cost_usd")
    used = frame.pivot(index="team", columns="month", values="active_users").notna()
    months = costs.where(used, 0.0).astype("float64")
    totals = costs.sum(axis="columns", min_count=1)
    told = months.assign(total=totals).sort_values("total", ascending=False).reset_index()
    told["team"] = told["team"].replace("", None)
    table = pa.Table.from_pandas(told, preserve_index=False).replace_schema_metadata()
    schema = pa.schema({name: pa.string() if name == "team" else pa.float64() for name in table.column_names})
    return Rows(schema, iter(table.cast(schema).to_batches()))
