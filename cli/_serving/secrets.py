"""Keeps secrets out of what the system shows of running processes.

The environment that a process was started with stays readable in ``/proc/PID/environ`` as long as it lives, for every process of its
account, whatever it removes from ``os.environ`` later; and a forked process has its parent's. So ``up`` starts itself anew without its
secret settings, which reach it through a pipe.
"""

import ctypes
import json
import os
import sys
from collections.abc import MutableMapping

from data.core.settings import Settings, environment_name, settings

_PIPE = "GRIDWELL_SECRETS_FD"
_ADDRESSES = ("database_url", "service_url")
_FOREIGN = ("PGPASSWORD", "POSTGRES_PASSWORD")
"""Secrets that are no settings of ours: PostgreSQL's library reads the first, compose files set the second."""
_LEAST_PIPE = 16_384
"""Bytes that every system's pipe takes without a reader."""
_DUMPABLE = 4
"""``PR_SET_DUMPABLE`` of prctl(2)."""


def secret_names() -> list[str]:
    """Names of the environment whose values nobody may read."""
    fields = [name for name, field in Settings.model_fields.items() if not field.repr or name in _ADDRESSES]
    return [*map(environment_name, fields), *_FOREIGN]


def hide_secrets(environment: MutableMapping[str, str] = os.environ) -> None:
    """Start this program anew without its secrets in the environment, and take them back there; does nothing where there are none.

    For a process that has neither threads nor open files yet.
    """
    if (pipe := environment.pop(_PIPE, None)) is not None:
        with os.fdopen(int(pipe), "rb") as held:
            environment.update(json.loads(held.read()))
        return
    secrets = {name: environment[name] for name in secret_names() if environment.get(name)}
    content = json.dumps(secrets).encode()
    if not secrets or len(content) > _LEAST_PIPE:
        return
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    os.set_inheritable(reading, True)
    left = {name: value for name, value in environment.items() if name not in secrets}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**left, _PIPE: str(reading)})  # noqa: S606 - ourselves


def forget_secrets(*fields: str) -> None:
    """Remove settings that this process does not need from its environment, before it reads them."""
    for name in fields:
        os.environ.pop(environment_name(name), None)
    settings.cache_clear()


def hide_memory(hidden: bool = True) -> None:
    """Let no other process of this account read this one's memory and environment; root still can."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DUMPABLE, int(not hidden), 0, 0, 0)
