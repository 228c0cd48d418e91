"""`python -m insole` is the `insole` command."""

import sys

from insole.cli import main

sys.exit(main())
