#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Names the sources that a change may have broken, for clang-tidy, one a line.

Usage: scripts/changed-sources.py COMPILE_COMMANDS < CHANGED_FILES

First the changed sources, then those that include a changed header, directly or not; each sorted.
Includes are followed by their text: "env/tap.h" is any file whose path ends so, which may name a
source too many and none too few.
"""
import json
import os
import re
import sys

CHECKED = re.compile(r"^(ctl|tests|bench)/.*\.(cpp|c)$")
FOLLOWED = re.compile(r"\.(h|cpp|c)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def files_of_tree():
    for folder, below, names in os.walk("."):
        below[:] = [name for name in below if not name.startswith((".", "build"))]
        for name in names:
            if FOLLOWED.search(name):
                yield os.path.relpath(os.path.join(folder, name), ".")


def includes_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [name.lstrip("./") for name in INCLUDE.findall(file.read())]


def includers(headers, includes):
    """All files from which a way of includes leads to one of the headers."""
    found, new = set(), set(headers)
    while new:
        new = {path for path, names in includes.items()
               if any(("/" + header).endswith("/" + name) for name in names for header in new)}
        new -= found
        found |= new
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        compiled = {os.path.relpath(os.path.join(entry["directory"], entry["file"]), ".")
                    for entry in json.load(file)}
    changed = {line.rstrip("\n") for line in sys.stdin}
    wanted = {path for path in compiled if CHECKED.match(path)}
    includes = {path: includes_of(path) for path in files_of_tree()}
    headers = {path for path in changed if path.endswith(".h")}
    # Who checks only some of them begins with what runs on a live host.
    def order(path):
        return not path.startswith("ctl/"), path

    for paths in (changed & wanted, includers(headers, includes) & wanted - changed):
        print("".join(f"{path}\n" for path in sorted(paths, key=order)), end="")


if __name__ == "__main__":
    main()
