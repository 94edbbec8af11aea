"""HTTP beyond what aiohttp does: bodies within limits, headers of time, reasons, proxies."""
