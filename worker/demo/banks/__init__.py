"""The sentences that the demo's newsroom writes with: one module per subject, all invented."""

from worker.demo.banks.bank import Bank, Facts, byline
from worker.demo.banks.local import LOCAL
from worker.demo.banks.markets import MARKETS
from worker.demo.banks.sport import SPORT
from worker.demo.banks.syria import SYRIA
from worker.demo.banks.weather import WEATHER

OTHERS = (SPORT, MARKETS, WEATHER, LOCAL)

__all__ = ["OTHERS", "SYRIA", "Bank", "Facts", "byline"]
