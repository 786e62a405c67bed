"""Small rules for texts that come from outside."""

LONGEST_CODE = 200


def storable(value: str) -> bool:
    """Whether PostgreSQL can hold the text at all: no NUL, no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def could_be_code(value: str) -> bool:
    """Whether a text may be a code or key; what may not is unknown without asking the database."""
    return 0 < len(value) <= LONGEST_CODE and storable(value)


def masked_phone(phone: str | None) -> str | None:
    """``13812345678`` as ``138****5678``; of shorter numbers, which that would all but tell, only the last two digits stay."""
    if not phone:
        return None
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}"
