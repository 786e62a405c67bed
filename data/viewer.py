"""Who is looking. Every query runs for a viewer; rights grow here, not at the call sites."""

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person or device.

    Attributes:
        name: who, for the page's corner and later for the audit log.
        lang: language of sentences told to this viewer.
        sees_contacts: whether a head's full phone number may be shown (otherwise it is masked).
    """

    name: str = "operator"
    lang: Lang = "zh"
    sees_contacts: bool = False
