#!/usr/bin/env python3
# golive: effect=writes-evidence
import argparse
p=argparse.ArgumentParser()
p.add_argument("--task");p.add_argument("--status")
a=p.parse_args()
print(a.task,a.status)
