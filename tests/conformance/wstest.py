"""Starts the Autobahn suite, which is a program for Python 2.7: wstest.py FOLDER-OF-ITS-PACKAGES ARGUMENTS."""

import site
import sys

site.addsitedir(sys.argv.pop(1))  # not only a path: one of its packages needs a .pth file to be found

from autobahntestsuite.wstest import run

run()
