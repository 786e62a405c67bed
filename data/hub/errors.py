"""Why a question about feeds has no answer, and why a push is not taken."""

from data.core.errors import GridwellError


class UnknownHubCity(GridwellError):
    status, code, sentence = 404, "unknown_city", "There is no city with the code “{code}”."


class UnknownDepartment(GridwellError):
    status, code, sentence = 404, "unknown_department", "There is no department with the code “{code}”."


class UnknownFeed(GridwellError):
    status, code, sentence = 404, "unknown_feed", "There is no feed with the code “{code}”."


class UnknownDelivery(GridwellError):
    status, code, sentence = (
        404,
        "unknown_delivery",
        "This feed has no delivery with the number {id}, or it is not for this account.",
    )


class FeedNotForYou(GridwellError):
    status, code, sentence = 403, "feed_not_for_you", "This feed is not for this account: it is of another department."


class KeyTaken(GridwellError):
    status, code, sentence = 409, "key_taken", "Another file was sent with the same Idempotency-Key; its delivery has the number {id}."


class TooManyWaiting(GridwellError):
    status, code, sentence = 429, "too_many_waiting", "So many deliveries of this feed wait already. Send the next one later."
    retry_s = 60


class EmptyPush(GridwellError):
    status, code, sentence = 422, "empty_push", "The request has no file."
