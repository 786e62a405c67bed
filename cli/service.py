"""``./gridwell service``: a systemd unit that starts Gridwell with the machine, and again when it fails."""

import argparse
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from cli._terminal import language, say
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import ROOT, settings
from data.core.text import as_one_line

NAME = "service"
HELP = "Print a systemd unit for this installation, or install it."
NEEDS_DATABASE = False

UNIT = Path("/etc/systemd/system/gridwell.service")
ENVIRONMENT = Path("/etc/gridwell.env")
_ROOTS_NEEDS = "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETUID CAP_SYS_PTRACE"
"""What root's ``up`` needs to run the database and the workers under accounts of their own, and to find and end them."""


class NotRoot(GridwellError):
    status, code = 403, "not_root"
    sentence = "Only root can install a service: sudo ./gridwell service --install"


class NoSuchUser(GridwellError):
    status, code = 422, "no_such_user"
    sentence = "There is no user “{name}” on this machine."


class FolderUnnamable(GridwellError):
    status, code = 422, "folder_unnamable"
    sentence = "No systemd unit can name the folder {folder}: there is a control character in its name."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--install", action="store_true", help=f"write it to {UNIT}, as root")
    parser.add_argument("--user", metavar="NAME", help="the account that it runs as; otherwise the owner of the state folder")


def run(args: argparse.Namespace) -> int:
    """Print the unit, or write it where systemd looks."""
    unit = make_unit(_user(args.user))
    if not args.install:
        print(unit, end="")
        return 0
    if os.geteuid() != 0:
        raise NotRoot()
    UNIT.write_text(unit, "utf-8")
    if (systemctl := shutil.which("systemctl")) is not None:
        subprocess.run([systemctl, "daemon-reload"], check=False)
    lang = language()
    say(t(lang, "Written: {file}. Settings come from {environment}, one NAME=value a line.", file=UNIT, environment=ENVIRONMENT))
    say(t(lang, "To start it now and with the machine: systemctl enable --now gridwell"))
    return 0


def _user(given: str | None) -> str:
    """Whom the service runs as.

    Raises:
        NoSuchUser: nobody has this name.
    """
    home = settings().home
    try:
        if given is not None:
            return pwd.getpwnam(given).pw_name
        return pwd.getpwuid(home.stat().st_uid if home.exists() else os.geteuid()).pw_name
    except KeyError:
        raise NoSuchUser(name=given or home.stat().st_uid) from None


def make_unit(user: str) -> str:
    """The unit's text for a user. The database server and all processes stay inside its limits.

    As root, packages that a later start installs must be readable to the account that serves; private files have modes of their own.
    ``KillMode=mixed`` asks only the parent to end, which ends the others in their order. ``OOMPolicy=continue``: a worker for which memory
    ran out is replaced by the parent, and is no reason to stop the rest.
    """
    from data.database.socket import paths

    where = paths(settings().home)
    writable = sorted({settings().home.absolute(), where.base, *_further_folders()})
    beside = where.socket.parent != where.base  # the socket is below /tmp, where other commands must find it
    writable += [where.socket.parent] if beside else []
    folders = "\n".join("ReadWritePaths=" + _quoted(f"-{folder}") for folder in writable)
    capabilities = f"CapabilityBoundingSet={_ROOTS_NEEDS}" if user == "root" else "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"
    return f"""\
# Gridwell, made by ./gridwell service. Before the first start run ./gridwell up once by hand: it installs what is missing.
[Unit]
Description=Gridwell
Documentation=file://{_escaped(ROOT / "docs" / "operating.md")}
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
# As root, the processes that serve become the account gridwell, and the database server becomes postgres.
User={user}
Environment={_quoted(f"GRIDWELL_HOME={settings().home.absolute()}")}
EnvironmentFile=-{ENVIRONMENT}
ExecStart={_quoted(ROOT / "gridwell").replace("$", "$$")} up
WorkingDirectory=/
Restart=on-failure
RestartSec=5
TimeoutStartSec=30min
TimeoutStopSec=90
KillMode=mixed
OOMPolicy=continue
LimitNOFILE=65536
UMask={"0022" if user == "root" else "0077"}

NoNewPrivileges=yes
{capabilities}
ProtectSystem=strict
ProtectHome=read-only
{folders}
PrivateTmp={"no" if beside else "yes"}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service seccomp

[Install]
WantedBy=multi-user.target
"""


def _further_folders() -> list[Path]:
    """Folders outside of the state folder that settings name."""
    named: list[Path | None] = [getattr(settings(), name, None) for name in ("archive", "backups")]
    return [folder.absolute() for folder in named if folder]


def _escaped(text: object) -> str:
    """A text in which systemd replaces nothing.

    Raises:
        FolderUnnamable: it has a line break, with which it would add lines of its own to the unit, or another control character.
    """
    if as_one_line(str(text)) != str(text):
        raise FolderUnnamable(folder=as_one_line(str(text)))
    return str(text).replace("%", "%%")


def _quoted(text: object) -> str:
    """One word of a unit, whatever characters it has."""
    inner = _escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
