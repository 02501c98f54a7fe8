"""What is shipped: pinned dependencies, a wheel with its assets, and no trace of where it was made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.tracked import ROOT, tracked

from usage_dash.page.document import assets_folder
from usage_dash.settings import SETTINGS

BLUEPRINT = (ROOT / "render.yaml").read_text(encoding="utf-8")
BUTTON = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TRACES = re.compile(  # written so that it does not find itself
    r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|jsdelivr[.]net|unpkg[.]com|cdn[j]s|(?<![\w.])/(wor[k]|roo[t]|hom[e])/"
)


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def _requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [Requirement(text) for text in [*PROJECT["dependencies"], *extras["test"], *extras["dev"]]]


@pytest.mark.parametrize("requirement", _requirements(), ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_to_a_version_that_fits(requirement: Requirement) -> None:
    assert requirement.specifier.contains(_pins()[canonicalize_name(requirement.name)], prereleases=True)


def test_constraints_are_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line)
    assert len(lines) > 50


def test_a_platform_installs_the_project_with_its_pins() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-c constraints.txt", "."]


def test_nginx_is_shown_as_it_passes_on_that_a_file_breaks_off() -> None:
    """By HTTP/1.0, which is what nginx of Debian 12 speaks unless it is told, an answer simply ends."""
    blocks = [block for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")) for block in _nginx(page)]
    shown = [block for block in blocks if "127.0.0.1:8050" in block]
    assert len(shown) == 4
    assert all("proxy_http_version 1.1;" in block for block in shown)


def _nginx(page: Path) -> list[str]:
    return re.findall(r"```nginx\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_heroku_and_render_start_the_same() -> None:
    command = (ROOT / "Procfile").read_text(encoding="utf-8").removeprefix("web: ").strip()
    assert f"startCommand: {command}\n" in (ROOT / "render.yaml").read_text(encoding="utf-8")
    assert command.split()[0] in PROJECT["scripts"]


def test_heroku_and_render_ask_for_settings_that_there_are() -> None:
    known = {setting.name for setting in SETTINGS}
    asked = set(BUTTON["env"]), set(re.findall(r"- key: (\w+)", BLUEPRINT))
    for names in asked:
        assert names <= known
        assert {"FIREBASE_CREDENTIALS", "USAGE_DASH_PASSWORD"} <= names


def test_heroku_and_render_let_nobody_in_without_a_password_and_make_the_secret() -> None:
    assert BUTTON["env"]["USAGE_DASH_AUTH"]["value"] == "password"
    assert BUTTON["env"]["USAGE_DASH_SECRET"]["generator"] == "secret"
    assert "- key: USAGE_DASH_AUTH\n        value: password\n" in BLUEPRINT
    assert "- key: USAGE_DASH_SECRET\n        generateValue: true\n" in BLUEPRINT


def test_heroku_and_render_keep_no_value_of_a_secret() -> None:
    secrets = {setting.name for setting in SETTINGS if setting.secret}
    assert not [name for name in secrets & BUTTON["env"].keys() if "value" in BUTTON["env"][name]]
    given = re.findall(r"- key: (\w+)\n +value: ", BLUEPRINT)
    assert not secrets.intersection(given)


def test_render_keeps_the_ledger_on_its_disk() -> None:
    [disk] = re.findall(r"mountPath: (\S+)", BLUEPRINT)
    assert f"- key: USAGE_DASH_LEDGER\n        value: {disk}/" in BLUEPRINT


def test_heroku_and_render_run_one_process() -> None:
    assert BUTTON["formation"]["web"]["quantity"] == 1
    assert "numInstances: 1 " in BLUEPRINT


def test_a_wheel_holds_code_and_assets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - our own build
    (wheel,) = tmp_path.glob("usage_dash-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    for folder, name in ((ROOT / "src" / "usage_dash", "usage_dash"), (ROOT / "assets", "usage_dash/assets")):
        files = {f"{name}/{path.relative_to(folder).as_posix()}" for path in tracked() if path.is_relative_to(folder)}
        assert files
        assert files <= shipped
    assert {"usage_dash/py.typed", "usage_dash/assets/app.css"} <= shipped
    assert not [name for name in shipped if name.startswith("tests")]
    assert any(name.endswith("licenses/LICENSE") for name in shipped)


def test_an_editable_installation_finds_its_assets() -> None:
    assert (assets_folder() / "app.css").is_file()


def test_no_file_names_a_package_registry_or_a_folder_of_the_machine_that_made_it() -> None:
    vendored = ROOT / "assets" / "vendor"  # other people's files
    for path in tracked():
        if path.is_relative_to(vendored) or path.suffix in {".png", ".gz"}:
            continue
        found = TRACES.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"
