"""Errors of back up and restore; each sentence says what to do."""

from data.core.errors import GridwellError


class BackupError(GridwellError):
    status, code, sentence = 503, "backup", "The backup has a problem."


class NoRoom(BackupError):
    code = "no_room"
    sentence = "The disk of {folder} has {free} GB free, and about {needed} GB are needed. Free some space, or choose another folder."


class ClientMissing(BackupError):
    code = "client_missing"
    sentence = "The programs pg_dump and pg_restore of PostgreSQL {major} are missing. As an administrator, install them with: {command}"


class ProgramFailed(BackupError):
    code, sentence = "program_failed", "{program} failed: {reason}"


class FolderUnusable(BackupError):
    code, sentence = "folder_unusable", "The folder {folder} cannot be used ({reason})."


class KeysBesideData(BackupError):
    code = "keys_beside_data"
    sentence = "Keys and data must not lie together: choose for --keys a folder that is neither inside {folder} nor around it."


class AtWork(BackupError):
    code, sentence = "at_work", "Another backup or restore is at work in {folder}. Wait until it has ended."


class LoadingTooLong(BackupError):
    code, sentence = "loading_too_long", "An import has been running for {minutes} minutes. Make the backup when it has ended."


class BeingServed(BackupError):
    code, sentence = "being_served", "Gridwell is running here: end it first (Ctrl-C there, or stop the service), then try again."


class NotABackup(BackupError):
    status, code = 422, "not_a_backup"
    sentence = "{folder} is not a backup of Gridwell, or one that was broken off: it has no manifest that can be read ({reason})."


class NoBackup(BackupError):
    status, code, sentence = 422, "no_backup", "There is no whole backup in {folder}."


class NewerBackup(BackupError):
    status, code = 422, "newer_backup"
    sentence = "The backup {folder} was made by a newer Gridwell ({version}) than this one. Update this one first."


class NewerServer(BackupError):
    status, code = 422, "newer_server"
    sentence = (
        "The backup {folder} was made by PostgreSQL {major}, and no older one can read it. Install it here: {command}."
        " Then make a new cluster with it (./gridwell cluster upgrade), and try again."
    )


class FileMissing(BackupError):
    status, code, sentence = 422, "file_missing", "The backup {folder} is damaged: the file {file} is missing. Use another backup."


class FileAltered(BackupError):
    status, code = 422, "file_altered"
    sentence = "The backup {folder} is damaged: the file {file} is not as it was written. Use another backup."


class FileUnknown(BackupError):
    status, code = 422, "file_unknown"
    sentence = "The backup {folder} holds the file {file}, which does not belong to it. Use another backup, or find out who put it there."


class NoCopy(BackupError):
    status, code = 422, "no_copy"
    sentence = (
        "{folder} holds no copy of the cluster, from which a moment could be reached: GRIDWELL_ARCHIVE was not set when it was made."
        " Without --until the moment of the backup itself can be restored."
    )


class TooEarly(BackupError):
    status, code, sentence = 422, "too_early", "The earliest moment that can be reached from here is {moment}. Use an older backup."


class ArchiveMissing(BackupError):
    status, code = 422, "archive_missing"
    sentence = "The archive {folder} is not there. Say where it is now: --archive FOLDER, or GRIDWELL_ARCHIVE."


class ArchiveGap(BackupError):
    status, code = 422, "archive_gap"
    sentence = "The archive {folder} has a gap at {segment}: only moments before it can be reached. Give one with --until."


class OwnServer(BackupError):
    status, code = 422, "own_server"
    sentence = "DATABASE_URL is set: that server is not Gridwell's, and this is for its administrator to do with PostgreSQL's own means."


class Filled(BackupError):
    status, code = 422, "filled"
    sentence = "The database holds data already. To put the backup in its place, add --replace; what is there now is kept aside."


class ForeignBackup(BackupError):
    status, code = 422, "foreign_backup"
    sentence = "The backup {folder} is of another installation than the data here. If you are sure, add --foreign."


class KeysOfBackupMissing(BackupError):
    status, code = 422, "keys_of_backup_missing"
    sentence = (
        "The key file {file} does not open what is sealed in the backup ({columns}). Give the right one with --keys FILE,"
        " or add --without-keys to go on without these numbers. Nothing was changed."
    )


class NotSound(BackupError):
    code, sentence = "not_sound", "The restored database is not sound ({faults}). Nothing was changed; use another backup."


class MayNotCreate(BackupError):
    code = "may_not_create"
    sentence = (
        "The database's account may not create a database beside the present one ({reason})."
        " As the server's administrator, run: ALTER ROLE {owner} CREATEDB;"
    )


class NoScratch(BackupError):
    code = "no_scratch"
    sentence = (
        "there is nowhere to restore it for a trial ({reason}): install PostgreSQL with PostGIS on this machine ({command}),"
        " or let the database's account create databases and extensions"
    )


class OthersConnected(BackupError):
    code = "others_connected"
    sentence = "Other programs are connected to the database {database}. End them, then try again; nothing was changed."
