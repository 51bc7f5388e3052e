"""``python -m lambdalab.runtime``: the ``lambdalab`` command."""

import sys

from lambdalab.runtime.command import main

sys.exit(main(sys.argv[1:]))
