"""The offline demo: the real bot in a simulated Discord server, with a small local publisher, seen in the browser."""


async def run_demo(*, port: int | None, open_browser: bool) -> None:
    """Run until Ctrl-C, SIGTERM or the visitor's "End preview session". `port` is where the page is served."""
    from bot.demo.show import show

    await show(port=port, open_browser=open_browser)
