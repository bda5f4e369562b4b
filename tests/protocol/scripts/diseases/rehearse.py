#!/usr/bin/env python3
"""Takes its words by place, and writes that a rehearsal passed."""

import sys
from pathlib import Path

environment = sys.argv[1]
Path(sys.argv[2]).write_text(f'{{"environment": "{environment}", "result": "pass"}}')
