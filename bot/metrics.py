"""What the process counts. One registry an app, so that two apps in one test never share a counter."""

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.checks = Counter("casse_croute_checks", "Source checks by outcome", ["outcome"], registry=self.registry)
        self.deliveries = Counter(
            "casse_croute_deliveries", "Deliveries tried, by outcome", ["outcome"], registry=self.registry
        )
        self.edits = Counter(
            "casse_croute_edits", "Message edits tried, by outcome", ["outcome"], registry=self.registry
        )
