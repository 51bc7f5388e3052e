import random

from lambdalab.simulator.account.latency import Latencies
from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.vocabulary.assumptions.calls import API_LATENCY_SPREAD, API_LATENCY_US


def drawn(service: str, times: int) -> list[int]:
    latencies = Latencies(Kernel(7))
    return [latencies.draw(service) for _ in range(times)]


def test_latencies_are_triangular_around_their_services_median() -> None:
    stream: random.Random = Kernel(7).random_for("latency/sqs")
    median = API_LATENCY_US["sqs"]
    spreads = [stream.triangular(-API_LATENCY_SPREAD, API_LATENCY_SPREAD) for _ in range(1_000)]
    assert drawn("sqs", 1_000) == [round(median * (1 + spread)) for spread in spreads]


def test_services_draw_from_streams_of_their_own() -> None:
    latencies = Latencies(Kernel(7))
    between = [latencies.draw("sqs") for _ in range(3) if latencies.draw("lambda")]
    assert between == drawn("sqs", 3)


def test_a_service_without_a_median_has_the_usual_one() -> None:
    assert "xray" not in API_LATENCY_US
    usual, spread = API_LATENCY_US["default"], API_LATENCY_SPREAD
    assert all(usual * (1 - spread) - 1 <= latency <= usual * (1 + spread) + 1 for latency in drawn("xray", 200))
