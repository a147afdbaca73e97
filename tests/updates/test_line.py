from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.models import Source, SourceKind
from bot.updates.line import HostLimits, Line

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def source(number: int, host: str = "a.test", kind: SourceKind = SourceKind.FEED, failures: int = 0) -> Source:
    url = f"/articles/{number}" if kind is SourceKind.FOLDER else f"https://{host}/{number}"
    return Source(id=number, url=url, kind=kind, next_check_at=NOW, last_checked_at=NOW, failures=failures)


def ids(sources: list[Source]) -> list[int]:
    return [each.id for each in sources]


def test_hosts_take_turns() -> None:
    line = Line(HostLimits(at_once=9, delay_seconds=0), doubtful_at_once=9)
    line.add([source(1), source(2), source(3), source(4, "b.test"), source(5, "b.test"), source(6, "c.test")])
    assert ids(line.take(4, 0)) == [1, 4, 6, 2]
    assert ids(line.take(4, 0)) == [5, 3]
    assert len(line) == 0


def test_a_host_has_only_its_share_of_the_places() -> None:
    line = Line(HostLimits(at_once=2, delay_seconds=0), doubtful_at_once=9)
    line.add([source(number) for number in range(1, 6)])
    first = line.take(9, 0)
    assert ids(first) == [1, 2]
    assert line.ready_in(0) is None
    line.done(first[0])
    assert line.ready_in(0) == 0
    assert ids(line.take(9, 0)) == [3]


def test_those_that_failed_last_time_leave_places_to_others() -> None:
    line = Line(HostLimits(at_once=4, delay_seconds=0), doubtful_at_once=3)
    line.add(source(number, failures=1) for number in range(1, 5))
    line.add(source(number) for number in range(5, 8))
    line.add(source(number, "b.test", failures=1) for number in range(8, 11))
    first = line.take(20, 0)
    assert sorted(ids(first)) == [1, 2, 5, 6, 8]
    assert line.ready_in(0) is None
    line.done(first[0])
    assert ids(line.take(20, 0)) == [9, 7]


def test_so_do_those_that_were_never_asked() -> None:
    line = Line(HostLimits(at_once=4, delay_seconds=0), doubtful_at_once=1)
    unknown = [source(number).model_copy(update={"last_checked_at": None}) for number in (1, 2)]
    line.add([*unknown, source(3)])
    assert ids(line.take(20, 0)) == [1, 3]


def test_two_ports_are_two_hosts() -> None:
    line = Line(HostLimits(at_once=1, delay_seconds=0), doubtful_at_once=9)
    line.add([source(1, "a.test:8001"), source(2, "a.test:8002"), source(3, "a.test:443"), source(4, "a.test")])
    assert ids(line.take(9, 0)) == [1, 2, 3]


def test_there_is_a_pause_between_two_fetches_from_one_host() -> None:
    line = Line(HostLimits(at_once=9, delay_seconds=0.5), doubtful_at_once=9)
    line.add([source(1), source(2), source(3, "b.test")])
    assert ids(line.take(9, 0)) == [1, 3]
    assert line.ready_in(0.25) == 0.25
    assert ids(line.take(9, 0.25)) == []
    assert ids(line.take(9, 0.5)) == [2]


def test_folders_stand_in_no_line() -> None:
    line = Line(HostLimits(at_once=1, delay_seconds=5), doubtful_at_once=9)
    line.add([source(1, kind=SourceKind.FOLDER), source(2, kind=SourceKind.FOLDER)])
    assert ids(line.take(9, 0)) == [1, 2]


def test_those_who_go_home_are_named() -> None:
    line = Line(HostLimits(at_once=1, delay_seconds=0), doubtful_at_once=9)
    line.add([source(1), source(2), source(3, "b.test")])
    line.take(1, 0)
    assert sorted(ids(line.clear())) == [2, 3]
    assert line.take(9, 0) == []


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=60),
    st.integers(1, 3),
    st.sampled_from([0.0, 1.0]),
    st.integers(1, 7),
)
def test_everybody_gets_a_turn_and_no_host_more_than_its_share(
    arrivals: list[tuple[int, bool]], at_once: int, delay: float, limit: int
) -> None:
    line = Line(HostLimits(at_once, delay), doubtful_at_once=9)
    expected = {number for number, _ in enumerate(arrivals)}
    line.add(source(number, f"{host}.test", failures=failing) for number, (host, failing) in enumerate(arrivals))
    served: set[int] = set()
    for now in range(200):
        taken = line.take(limit, float(now))
        assert len(taken) <= limit
        hosts = [each.url.split("/")[2] for each in taken]
        assert all(hosts.count(host) <= at_once for host in hosts)
        assert not served & {each.id for each in taken}
        served |= {each.id for each in taken}
        for each in taken:
            line.done(each)
    assert served == expected
