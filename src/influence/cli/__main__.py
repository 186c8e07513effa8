"""`python -m influence.cli`."""

from influence.cli import main

main()
