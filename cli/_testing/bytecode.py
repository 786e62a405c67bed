"""Keeps compiled modules for the many processes that tests start, even if PYTHONDONTWRITEBYTECODE is set, as in most containers.

Without them every server and every command compiles the product and its libraries again, which takes seconds each time.
"""

import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

from data.core.settings import ROOT
from data.core.state_folder import make_private_folder

FOLDER = ROOT / ".gridwell" / "pyc"
"""Folder of this user only, so that nobody else can put compiled modules there."""
_UNUSED = {"test", "tests", "pip", "idlelib", "lib2to3", "site-packages"}
"""Folders whose many modules nobody imports here; the last is of the Python from which a virtual environment was made."""


def bytecode_environment(folder: Path = FOLDER) -> dict[str, str]:
    """The environment with which Python keeps compiled modules in a folder, and none beside the sources."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder)}


def keep_bytecode() -> None:
    """Let processes that this process starts keep compiled modules if they otherwise would not."""
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        make_private_folder(FOLDER.parent)
        if not FOLDER.exists():
            link_libraries(FOLDER)
        os.environ.update(bytecode_environment())
        del os.environ["PYTHONDONTWRITEBYTECODE"]


def link_libraries(folder: Path) -> None:
    """Link what is compiled already beside Python's own library and the installed packages.

    Python looks for compiled modules in its prefix folder alone. Without the links a first run would compile thousands of modules again.
    """
    pattern = f"__pycache__/*.{sys.implementation.cache_tag}.pyc"
    for library in {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}:
        for compiled in library.rglob(pattern):
            if _UNUSED & set(compiled.relative_to(library).parts):
                continue
            link = folder / compiled.parent.parent.relative_to("/") / compiled.name
            link.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another process makes them, too
                link.symlink_to(compiled)
