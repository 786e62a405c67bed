"""What a code of a city or an area may look like: it stands in addresses, file names and reports."""

import re

LONGEST = 64
_CODE = re.compile(r"\w(?:[\w .,:()#&+’'-]*[\w)])?")


def is_code(text: str) -> bool:
    """Whether a text is a code: letters and digits of any script, and inside it blanks and some marks, but no slash and no pattern."""
    return len(text) <= LONGEST and ".." not in text and _CODE.fullmatch(text) is not None
