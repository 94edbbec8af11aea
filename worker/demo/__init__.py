"""The demo: invented outlets on a local site, a receiver of webhooks, and a run of both."""
