"""Pages that ask "are you human?" in place of the document: no bot may answer them, but a moderator can be told."""

from collections.abc import Mapping

LOOK_BYTES = 16 * 1024

_MARKS = (
    b"/cdn-cgi/challenge-platform/",
    b"cf-browser-verification",
    b"cf_chl_opt",
    b"cf-challenge",
    b"<title>Just a moment...</title>",
    b"<title>Attention Required! | Cloudflare</title>",
    b"Checking your browser before accessing",
    b"/.well-known/sgcaptcha/",
    b"_Incapsula_Resource",
    b"ddos-guard/js-challenge",
    b'id="sec-if-cpt-container"',
    b"px-captcha",
    b"captcha-delivery.com",
    b"awswaf.com",
    b"anubis_challenge",
    b"Vercel Security Checkpoint",
)


def is_challenge(status: int, headers: Mapping[str, str], start: bytes) -> bool:
    """`start` is the beginning of the body. With status 200 only a page that plainly is one counts."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    if headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha"):
        return True
    start = start[:LOOK_BYTES]
    if status == 200:
        return b"<title>Just a moment...</title>" in start and b"cdn-cgi" in start
    return any(mark in start for mark in _MARKS)
