"""Keeps compiled modules for the many processes that tests start, even if PYTHONDONTWRITEBYTECODE is set, as in most containers.

Without them every server and every command compiles the product and its libraries again, which takes seconds each time.
"""

import os
from pathlib import Path

from data.core.settings import ROOT
from data.core.state_folder import make_private_folder

FOLDER = ROOT / ".gridwell" / "pyc"
"""Folder of this user only, so that nobody else can put compiled modules there."""


def bytecode_environment(folder: Path = FOLDER) -> dict[str, str]:
    """The environment with which Python keeps compiled modules in a folder, and none beside the sources."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder)}


def keep_bytecode() -> None:
    """Let processes that this process starts keep compiled modules if they otherwise would not."""
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        make_private_folder(FOLDER.parent)
        os.environ.update(bytecode_environment())
        del os.environ["PYTHONDONTWRITEBYTECODE"]
