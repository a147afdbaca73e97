import pytest

from bot.errors import RequestRefused
from bot.quota import NO_LIMIT, Account, Quota

ONE, TWO, THREE = "https://un.test/", "https://deux.test/", "https://trois.test/"


def account(quota: Quota) -> Account:
    """Two sources, one of them in two channels."""
    its = Account(quota)
    for url, channel_id in ((ONE, 1), (ONE, 2), (TWO, 1)):
        its.add(url, channel_id)
    return its


def refusal(quota: Quota, url: str, channel_id: int) -> str | None:
    try:
        account(quota).require_room_for(url, channel_id)
    except RequestRefused as error:
        return error.key
    return None


@pytest.mark.parametrize(
    ("quota", "url", "channel_id", "key"),
    [
        (NO_LIMIT, THREE, 9, None),
        (Quota(sources=2), THREE, 1, "quota.sources"),
        (Quota(sources=2), TWO, 9, None),
        (Quota(sources=3), THREE, 1, None),
        (Quota(subscriptions=3), TWO, 9, "quota.subscriptions"),
        (Quota(subscriptions=4), THREE, 9, None),
        (Quota(sources=1, subscriptions=1), ONE, 2, None),
    ],
)
def test_a_server_follows_as_much_as_its_operator_allows(
    quota: Quota, url: str, channel_id: int, key: str | None
) -> None:
    assert refusal(quota, url, channel_id) == key
