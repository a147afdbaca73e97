"""Which network addresses are public, whatever they are wrapped in."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that has ever been given out (IANA): site-local addresses and new inventions are elsewhere."""
_ISATAP = (0x00005EFE, 0x02005EFE)
_NOBODYS = (
    IPv6Network("3fff::/20"),  # documentation (RFC 9637), which older Pythons do not know
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),  # looks public, and is the door to the machine's owner inside a well-known cloud
)


def is_public(host: str) -> bool:
    """True for an IP address of the public Internet. Names are not addresses: resolve them first.

    IPv6 addresses that carry an IPv4 one (mapped, translated, compatible, 6to4, Teredo, ISATAP, NAT64) count as what
    they carry, since the network delivers there.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in (address, *_carried(address)))


def is_ip(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64_LOCAL:
            return False
        if _carried(address) and not _is_isatap(address):
            return True  # judged by what it carries
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in network for network in _NOBODYS if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _carried(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if _is_isatap(address) or any(address in network for network in (_NAT64, _COMPATIBLE, _TRANSLATED)):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _is_isatap(address: IPv6Address) -> bool:
    """Whether an IPv4 address is its lower half, under any prefix (RFC 5214)."""
    return (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
