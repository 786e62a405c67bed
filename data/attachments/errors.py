"""What is said of a file that cannot be taken."""

from data.core.errors import GridwellError


class FileNotTaken(GridwellError):
    status, code = 422, "file_not_taken"


class UnknownKind(FileNotTaken):
    code = "unknown_kind_of_file"
    sentence = "This is neither a photo (JPEG, PNG, WebP) nor a PDF. A photo in HEIC or RAW form: save it as JPEG first."


class BrokenFile(FileNotTaken):
    code, sentence = "broken_file", "This file is damaged: it begins as {kind} and cannot be read to its end."


class TooManyPixels(FileNotTaken):
    code, sentence = "too_many_pixels", "This picture has {megapixels} million pixels; the most is {most} million."


class PaperLocked(FileNotTaken):
    code, sentence = "paper_locked", "This PDF is protected by a password: save it without one first."


class TooManyPages(FileNotTaken):
    code, sentence = "too_many_pages", "This PDF has {pages} pages; the most is {most}."


class FileTooLarge(GridwellError):
    status, code, sentence = 413, "file_too_large", "The file is larger than {most} megabytes."


class EmptyFile(FileNotTaken):
    code, sentence = "empty_file", "The file is empty."


class UnknownAttachment(GridwellError):
    status, code = 404, "unknown_attachment"
    sentence = "There is no such file, or it belongs to a case that your account may not see."


class StoreFailed(GridwellError):
    status, code, retry_s = 503, "store_failed", 10
    sentence = "The store of photos and papers does not answer. Nothing was kept; please try again in a moment."


class FileMissing(GridwellError):
    status, code = 503, "file_missing"
    sentence = "The store of photos and papers does not have this file. The administrator is told by `./gridwell doctor`."


class TooManyFiles(GridwellError):
    status, code, retry_s = 429, "too_many_files", 3_600
    sentence = "Your account has {count} files that belong to no case yet; the most within a day is {most}."
