"""Write `.env.example` and the README's configuration table from the settings; `--check` only compares."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from usage_dash.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[1]
START, END = "<!-- settings -->", "<!-- /settings -->"
HEADER = """\
# Settings of usage-dash: copy this file to .env and take the “#” away from what you need.
# A variable in the environment wins over this file; an empty one counts as not set.
"""


def env_example() -> str:
    """Every setting with its help, commented out."""
    return HEADER + "".join(_block(setting) for setting in SETTINGS)


def table() -> str:
    """Every setting as a row of a Markdown table."""
    rows = [f"| `{setting.name}` | {_default(setting)} | {setting.help} |" for setting in SETTINGS]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def with_table(readme: str) -> str:
    """Put the table between its marks."""
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table()}\n{END}{after}"


def _block(setting: Setting) -> str:
    unset = "" if setting.has_value or setting.default == "none" else f" Not set: {setting.default}."
    comment = textwrap.fill(setting.help + unset, 100, initial_indent="# ", subsequent_indent="# ")
    return f"\n{comment}\n#{setting.name}={setting.default if setting.has_value else ''}\n"


def _default(setting: Setting) -> str:
    return f"`{setting.default}`" if setting.has_value else setting.default


def main() -> None:
    """Write both files, or exit with a sentence when one is not as it would be written."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if START not in readme or END not in readme:
        sys.exit(f"README.md lacks {START} and {END}, between which the table goes.")
    wanted = {ROOT / ".env.example": env_example(), ROOT / "README.md": with_table(readme)}
    for path, text in wanted.items():
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path.name} does not tell all settings as they are: run “make settings”.")


if __name__ == "__main__":
    main()
