"""An account whose metrics are those of what happens at its desk."""

import datetime as dt
from typing import Any

from lambdalab.simulator.lambda_.alarms import Alarms
from lambdalab.simulator.lambda_.scripted import Act, Script
from lambdalab.simulator.lambda_.service import LambdaService
from lambdalab.simulator.services.cloudwatch import CloudWatch
from lambdalab.simulator.trace.facts import FunctionDeployed, RunStarted
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.views.summary import SummaryFold
from tests.simulator.desk import Desk, output

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class MetricsDesk(Desk):
    """CloudWatch at a desk; the clock begins with 1970."""

    def __init__(self, script: Script | Act | None = None) -> None:
        super().__init__(script)
        fold = SummaryFold()
        fold.add([Stamped(self.kernel.now, 0, RunStarted("e", 1, 0, 1_000, "declared", ()))])
        fold.add([Stamped(self.kernel.now, 0, deployed(self.lambda_))])
        self.world.trace.watch(lambda stamped: fold.add([stamped]))
        self.alarms = Alarms(self.world)
        self.service = CloudWatch(self.world, self.alarms)
        self.service.metrics = lambda: fold.metrics
        self.fold = fold

    def cloudwatch(self, operation: str, **params: Any) -> Any:
        return self.ask("cloudwatch", operation, params)

    def put(self, *data: dict[str, Any], namespace: str = "Shop") -> Any:
        usual = [{"MetricName": "Orders", **each} for each in data]
        return self.cloudwatch("PutMetricData", Namespace=namespace, MetricData=usual)

    def statistics(self, *wanted: str, metric: str = "Orders", **params: Any) -> list[dict[str, Any]]:
        """Datapoints in the order of time."""
        plain = [each for each in wanted if not each.startswith("p")]
        named = {"Statistics": plain} if plain else {"ExtendedStatistics": list(wanted)}
        usual = {"Namespace": "Shop", "MetricName": metric, "StartTime": moment(0), "EndTime": moment(86_400)}
        params = {"Period": 60, **usual, **named, **params}
        rows = output(self.cloudwatch("GetMetricStatistics", **params))["Datapoints"]
        return sorted(rows, key=lambda row: row["Timestamp"])


def deployed(lambda_: LambdaService) -> FunctionDeployed:
    """That there is the function ``work``, which no template has made here."""
    function, config = lambda_.functions["work"].latest, lambda_.functions["work"].event_invoke_of("$LATEST")
    return FunctionDeployed(
        function="work",
        shown_as="work",
        arn=function.arn,
        runtime=function.runtime,
        handler=function.handler,
        memory_mb=function.memory_mb,
        timeout_s=function.timeout_s,
        architecture=function.architecture,
        ephemeral_mb=function.ephemeral_mb,
        reserved_concurrency=None,
        retry_attempts=config.retry_attempts,
        event_age_s=config.event_age_s,
        dead_letter=None,
        on_success=None,
        on_failure=None,
        code_folder="",
    )


def moment(seconds: float) -> dt.datetime:
    return EPOCH + dt.timedelta(seconds=seconds)
