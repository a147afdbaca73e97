"""Which network addresses are public."""

import pytest

from bot.sources.addresses import is_ip, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1", "2002:101:101::"),
        *("::ffff:0:1.1.1.1", "2001:4860::5efe:1.1.1.1"),
    ],
)
def test_public_addresses_are_public_however_they_are_wrapped(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1"),
        *(
            "fec0::1",
            "::ffff:0:10.0.0.1",
            "2001:4860::5efe:10.0.0.1",
            "2001:4860::200:5efe:10.0.0.1",
            "fe80::5efe:1.1.1.1",
        ),
        "3fff::1",
        *("5f00::1", "192.0.0.8", "192.88.99.1", "168.63.129.16"),
        *("2002:a00:1::", "2001:0:a00:1::", "64:ff9b:1::1.1.1.1", "localhost", "", "1.1.1"),
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


def test_names_are_no_addresses() -> None:
    assert is_ip("::1")
    assert not is_ip("example.org")
