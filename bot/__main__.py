"""`python -m bot`: the same as the `casse-croute` command."""

from bot.cli import main

main()
