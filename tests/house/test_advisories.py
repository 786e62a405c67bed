"""No pinned package is older than the first version without a known hole.

``advisories.csv`` was looked over last in 2025-12 and works without a network. It does not know what was found since: before a release
``pip-audit -r requirements.txt`` has to be run where the network is (see SECURITY.md).
"""

import csv
import re

import pytest
from packaging.version import Version

from data.core.settings import ROOT

with (ROOT / "tests" / "house" / "advisories.csv").open(encoding="utf-8") as stream:
    KNOWN = list(csv.DictReader(stream))


def pinned(name: str) -> dict[str, Version]:
    """Versions of a requirements file by package."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9_.-]+)==([^\s;]+)", line) for line in lines)
    return {match[1].lower(): Version(match[2]) for match in found if match}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_nothing_is_pinned_that_has_a_known_hole(name: str) -> None:
    versions = pinned(name)
    assert len(versions) > 10
    old = [
        f"{one['package']} {versions[one['package']]} ({one['advisory']}, fixed in {one['fixed_in']})"
        for one in KNOWN
        if holed(one, versions)
    ]
    assert not old, "\n".join(old)


def holed(one: dict[str, str], versions: dict[str, Version]) -> bool:
    """Whether a package stands there in a version before the fixed one."""
    return one["package"] in versions and versions[one["package"]] < Version(one["fixed_in"])


def test_an_old_version_would_be_found() -> None:
    assert holed({"package": "h11", "fixed_in": "0.16.0", "advisory": "x"}, {"h11": Version("0.14.0")})
