"""News that steps were carried out, for whoever waits for them in this process; ``data.live.changes`` hears it."""

import asyncio

from data.concurrency.per_loop import PerLoop

CHANNEL = "gridwell_case_outcomes"
"""Channel on which the writer of cases announces outcomes; the messages are empty."""


class OutcomeNews:
    """The news of one event loop."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()

    def hear(self) -> None:
        """There may be outcomes."""
        self._heard.set()

    async def wait(self, longest_s: float) -> bool:
        """Wait for news, at most so long; returns whether there were any. What is heard after this returns counts for the next call."""
        try:
            async with asyncio.timeout(longest_s):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True


outcome_news = PerLoop(OutcomeNews)
"""The news of the running event loop."""
