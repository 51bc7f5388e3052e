"""All rows, by name. A new resource type gets its proof in one of these modules."""

from tests.simulator.project.rows import (
    apis,
    balancers,
    distributions,
    firehoses,
    functions,
    messaging,
    networks,
    observing,
    rights,
    stores,
    workflows,
)
from tests.simulator.project.rows.row import Row

ROWS: dict[str, Row] = {
    "functions": functions.ROW,
    "messaging": messaging.ROW,
    "firehoses": firehoses.ROW,
    "stores": stores.ROW,
    "APIs by SAM": apis.SAM_ROW,
    "REST APIs": apis.REST_ROW,
    "HTTP APIs": apis.HTTP_ROW,
    "load balancers": balancers.ROW,
    "distributions": distributions.ROW,
    "rights": rights.ROW,
    "networks": networks.WAYS_ROW,
    "endpoints": networks.ENDPOINT_ROW,
    "servers": networks.SERVERS_ROW,
    "logs": observing.LOGS_ROW,
    "deployments": observing.RELEASE_ROW,
    "scaling": observing.SCALING_ROW,
    "workflows": workflows.ROW,
}
