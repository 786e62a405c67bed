"""What people are told about reports that they ask for."""

from collections.abc import Mapping
from typing import Any

from data.core.errors import GridwellError, Passing


class UnknownReport(GridwellError):
    status, code = 404, "unknown_report"
    sentence = "There is no report with the number “{id}”: it was never made, its preview is over, or it holds more than you may see."


class TooManyReports(GridwellError):
    status, code = 429, "too_many_reports"
    sentence = "You have asked for {waiting} reports that wait, or for {kept} within a day. Wait until some of them are made."
    retry_s = 60


class KeyUsed(GridwellError):
    status, code = 409, "key_used"
    sentence = "Another report was asked for with this Idempotency-Key."


class NotMade(GridwellError):
    """The request has failed, or is not done."""

    status, code = 409, "report_not_made"
    sentence = "The report is not made yet: its state is “{state}”."


class BeingWritten(Passing):
    """The printer has not written the file yet."""

    code, sentence = "being_written", "The file is being written. Ask again in a moment."
    retry_s = 5


class NotWritten(GridwellError):
    status, code = 503, "not_written"
    sentence = "The file could not be written: {reason}"
    retry_s = 900


class NotIssued(GridwellError):
    status, code = 409, "report_not_issued"
    sentence = "Only an issued report can be corrected. Have another one made instead."


class AlreadyCorrected(GridwellError):
    status, code = 409, "already_corrected"
    sentence = "This report has been corrected already: correct the newest one."


class PrinterLost(GridwellError):
    status, code = 500, "printer_lost"
    sentence = "The process that makes reports ended twice while it made this one. Ask for a shorter period or a smaller area."


class ReportUnforeseen(GridwellError):
    status, code = 500, "unforeseen"
    sentence = "Something went wrong on the server, and has been logged. Please try again."


class NotYours(GridwellError):
    status, code = 403, "may_not_issue"
    sentence = "Only supervisors and leaders issue reports, and only of what lies in their own area."


class NotRecipient(GridwellError):
    status, code = 403, "not_a_recipient"
    sentence = "This report was not sent to your account, so that there is nothing to confirm."


class StoredProblem(GridwellError):
    """What the printer met, as it stands in the queue: the error of back then, to be told in the reader's language."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.sentence = problem["sentence"]  # type: ignore[misc]  # of this one alone
        super().__init__(**problem["facts"])
