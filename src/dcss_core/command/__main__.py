"""`python -m dcss_core.command`, where no script `dcss` is on the path."""

import sys

from dcss_core.command.start import main

if __name__ == "__main__":
    sys.exit(main())
