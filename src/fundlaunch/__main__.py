"""`python -m fundlaunch` is the command `fundlaunch`."""

from fundlaunch.cli import main

raise SystemExit(main())
