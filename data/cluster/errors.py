"""Errors of the embedded cluster; each sentence says what to do."""

from data.core.errors import GridwellError


class ClusterError(GridwellError):
    status, code, sentence = 503, "cluster", "The embedded database has a problem."


class PackagesMissing(ClusterError):
    code, sentence = "packages_missing", "{what} is missing. As an administrator, install it with: {command}"


class InstallFailed(ClusterError):
    code, sentence = "install_failed", "Installing {packages} failed ({reason}); the whole output is in {log}."


class WrongMajor(ClusterError):
    code = "wrong_major"
    sentence = "The cluster in {folder} was made by PostgreSQL {major}, which is not installed with PostGIS. Install it with: {command}"


class NoServerAccount(ClusterError):
    code = "no_server_account"
    sentence = "PostgreSQL refuses to run as root and there is no user “postgres”. Start Gridwell as another user, or create that one."


class NotOurs(ClusterError):
    code = "not_ours"
    sentence = "The folder {folder} belongs to the user {owner}: start Gridwell as that user, or set GRIDWELL_HOME to another folder."


class FolderRefused(ClusterError):
    code = "folder_refused"
    sentence = "The folder {folder} cannot be used ({reason}). Set GRIDWELL_HOME to a folder that can be written."


class DiskFull(ClusterError):
    code, sentence = "disk_full", "The disk is full: PostgreSQL found no room in {folder}. Free some space and start again."


class ClusterInUse(ClusterError):
    code = "cluster_in_use"
    sentence = "The embedded database is in use: end Gridwell and every other command that works with {home}, then try again."


class RecoveryFailed(ClusterError):
    code = "recovery_failed"
    sentence = "The moment could not be reached ({reason}). Nothing was changed. The whole output is in {log}."


class WontStart(ClusterError):
    code, sentence = "wont_start", "The cluster in {folder} does not start ({reason}). The whole output is in {log}."
