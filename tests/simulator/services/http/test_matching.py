"""Which route a path belongs to: what holds for all of them."""

from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.http.api.matching import Paths, Pattern

SEGMENT = st.sampled_from(["a", "b", "{x}", "{y}"])
PATTERN = st.builds(
    lambda parts, greedy: "/" + "/".join([*parts, *(["{proxy+}"] if greedy else [])]),
    st.lists(SEGMENT, max_size=3),
    st.booleans(),
)
ROUTE = st.tuples(st.sampled_from(["GET", "POST", "ANY"]), PATTERN)
PATH = st.lists(st.sampled_from(["a", "b", "c", "%61"]), max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(routes=st.lists(ROUTE, max_size=8, unique=True), method=st.sampled_from(["GET", "PUT"]), path=PATH)
def test_what_is_found_matches_and_nothing_that_matches_is_more_specific(
    routes: list[tuple[str, str]], method: str, path: str
) -> None:
    parts = path.removeprefix("/").split("/")
    fitting = [
        (Pattern.of(pattern).rank, wanted == "ANY")
        for wanted, pattern in routes
        if wanted in (method, "ANY") and Pattern.of(pattern).match(parts) is not None
    ]
    found = Paths((wanted, pattern, (wanted, pattern)) for wanted, pattern in routes).find(method, path)
    assert (found is None) == (not fitting)
    if found is not None:
        (wanted, pattern), _ = found
        assert (Pattern.of(pattern).rank, wanted == "ANY") == min(fitting)


@given(routes=st.lists(ROUTE, max_size=8, unique=True), path=PATH)
def test_the_order_in_which_routes_are_written_does_not_matter(routes: list[tuple[str, str]], path: str) -> None:
    def chosen(order: list[tuple[str, str]]) -> object:
        found = Paths((m, p, (Pattern.of(p).rank, m)) for m, p in order).find("GET", path)
        return found and found[0]

    assert chosen(routes) == chosen(routes[::-1])


@given(path=PATH)
def test_a_greedy_variable_holds_the_rest_of_the_path_as_it_was_sent(path: str) -> None:
    found = Pattern.of("/{proxy+}").match(path.removeprefix("/").split("/"))
    assert (found or {}).get("proxy", "") == path.removeprefix("/")
