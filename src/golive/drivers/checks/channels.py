"""A channel that is receiving: a marker that nobody used before is sent, and found again."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from golive.evidence.claim import Exercised
from golive.release.commands import Commands
from golive.spec.values import Channel

PAUSE_S = 0.5
ONE_LOOK = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class ChannelReceived:
    """Sends and looks, by the operator's own two commands."""

    claim: str
    commands: Commands
    channel: Channel
    marker: str

    async def exercise(self) -> Exercised:
        sent = await self.commands.run(
            self.channel.send, env={"GOLIVE_MARKER": self.marker}, stdin=b"", timeout=self.channel.timeout
        )
        if sent.exit_code != 0:
            return Exercised(answer="refuted", because=f"{self.channel.send[0]} exited {sent.exit_code}: not sent")
        return await self._arrived(self.marker, self.channel.timeout)

    async def control(self, scratch: str) -> Exercised:
        """A marker that was never sent must not be found."""
        return await self._arrived(f"{self.marker}-never-sent", timedelta(0))

    async def _arrived(self, marker: str, patience: timedelta) -> Exercised:
        clock = asyncio.get_running_loop().time
        deadline = clock() + patience.total_seconds()
        while True:
            looked = await self.commands.run(
                self.channel.received, env={"GOLIVE_MARKER": marker}, stdin=b"", timeout=ONE_LOOK
            )
            if looked.exit_code == 0:
                return Exercised(answer="proven", because="the marker that was sent has arrived")
            if clock() >= deadline:
                break
            await asyncio.sleep(PAUSE_S)
        because = f"the marker did not arrive within {patience.total_seconds():g} s"
        return Exercised(answer="refuted", because=because, next="look into the channel, then golive ready again")
