"""How golive learns that an alert arrived: it asks the webhook, or the operator's own command."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from golive.drivers.alerting.ask import Api
from golive.release.commands import Commands

ONE_LOOK = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class AskedWebhook:
    """Implements `slo.chain.Pager` for `golive observe listen`, and for what answers as it does."""

    api: Api
    tells_end: bool = True

    async def arrived(self, marker: str) -> frozenset[tuple[str, str]]:
        answer = await self.api.json("GET", f"?marker={quote(marker)}")
        return frozenset((str(page["alert"]), str(page["status"])) for page in answer["pages"])


@dataclass(frozen=True, kw_only=True)
class AskedCommand:
    """Implements `slo.chain.Pager` by a command that exits 0 once GOLIVE_MARKER has arrived."""

    commands: Commands
    command: tuple[str, ...]
    tells_end: bool = False

    async def arrived(self, marker: str) -> frozenset[tuple[str, str]]:
        looked = await self.commands.run(self.command, env={"GOLIVE_MARKER": marker}, stdin=b"", timeout=ONE_LOOK)
        return frozenset({("*", "firing")}) if looked.exit_code == 0 else frozenset()
