"""Why a message could not be sent: codes without addresses, as they are stored and told."""


class NotSent(Exception):
    """A message was not taken."""

    def __init__(self, code: str, final: bool = False, uncertain: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        """Trying again does not help."""
        self.uncertain = uncertain
        """It may have been taken all the same: the answer was lost."""
