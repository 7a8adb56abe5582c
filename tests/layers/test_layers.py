#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Layers: each header of each layer is included from each other layer, with the compiler flags of
that layer. What the table below does not allow must end in "No such file" or at a fence; what it
allows must be found; and every header must compile alone.

The table is written down here by hand, from docs/architecture.md: CMake's own is what is judged.

Usage: test_layers.py SOURCE_DIR COMPILE_COMMANDS_JSON"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

# layer: (its folder, layers whose headers it may include, outside libraries it may include)
LAYERS = {
    "base": ("ctl/base", "", ""),
    "api": ("ctl/api", "base abi", ""),
    "kern": ("ctl/kern", "api base abi", "libbpf libmnl"),
    "core": ("ctl/core", "api base abi", ""),
    "out": ("ctl/out", "core api base abi", "fmt json"),
    "cli": ("ctl/cli", "kern out core api base abi", "fmt CLI11"),
}
# One header stands for each library: who can include it can use it.
LIBRARIES = {"libbpf": "bpf/libbpf.h", "libmnl": "libmnl/libmnl.h", "liburing": "liburing.h",
             "libxdp": "xdp/xsk.h", "fmt": "fmt/format.h", "json": "nlohmann/json.hpp",
             "CLI11": "CLI/CLI.hpp"}

source, database = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def headers_of(layer):
    """As others would include them: "base/result.h"."""
    if layer == "abi":
        root = source / "include"
    elif layer == "cli":
        root = source / "ctl"  # a program has no include root: its headers are private
        return [str(path.relative_to(root)) for path in sorted((root / "cli").glob("*.h"))]
    else:
        root = source / LAYERS[layer][0] / "include"
    return [str(path.relative_to(root)) for path in sorted(root.rglob("*.h"))]


def private_headers_of(layer):
    folder = source / LAYERS[layer][0]
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.h"))
            if "include" not in path.relative_to(folder).parts[:1] and layer != "cli"]


def flags_of(layer):
    """The compiler and flags of one source file of the layer's folder."""
    folder = os.path.realpath(source / LAYERS[layer][0]) + "/"
    for entry in json.loads(database.read_text()):
        if os.path.realpath(entry["file"]).startswith(folder):
            words = shlex.split(entry["command"])
            if os.path.basename(words[0]) == "ccache":
                words = words[1:]
            out = words.index("-o")
            del words[out:out + 2]
            return [word for word in words if word not in ("-c", entry["file"])], entry["directory"]
    sys.exit(f"layers: no source file of {layer} ({folder}) in {database}")


def compiles(header, flags, how):
    """(True, "") or (False, what the compiler says)."""
    words, directory = flags
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as text:
        text.write(f'#include "{header}"\nint main() {{ return 0; }}\n')
        text.flush()
        run = subprocess.run(words + [how, "-x", "c++", "-o", "/dev/null", text.name], cwd=directory,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             timeout=120)
    return run.returncode == 0, run.stderr


def is_barred(said):
    return "No such file or directory" in said or "this layer may not use" in said


def check(layer, header, allowed, flags):
    # Alone it compiles in its own layer; for all others it is enough whether it is found.
    own = header in private_headers_of(layer) + headers_of(layer)
    done, said = compiles(header, flags, "-fsyntax-only" if own else "-E")
    if allowed and not done:
        return f"{layer} cannot include \"{header}\" alone, though it may:\n{said}"
    if not allowed and done:
        return f"{layer} includes \"{header}\", which it must not know"
    if not allowed and not is_barred(said):
        return f"{layer} finds \"{header}\", which it must not know; only its text stops it:\n{said}"
    return None


def cases():
    built = {layer: flags_of(layer) for layer in LAYERS}
    for layer, (_, sees, uses) in LAYERS.items():
        for other in [*LAYERS, "abi"]:
            allowed = other == layer or other in sees.split()
            for header in headers_of(other):
                yield layer, header, allowed, built[layer]
            if other != "abi":
                for header in private_headers_of(other):
                    if other == layer:
                        yield layer, header, True, built[layer]
                    # A private header has no prefix: that of another layer may have a namesake.
                    elif header not in private_headers_of(layer):
                        yield layer, header, False, built[layer]
        for library, header in LIBRARIES.items():
            yield layer, header, library in uses.split(), built[layer]


def climbs():
    """No include path may climb out of a folder: "../out/view.h" would pass every fence."""
    for folder, _, _ in LAYERS.values():
        for path in (source / folder).rglob("*"):
            if path.suffix in (".h", ".cpp"):
                for line in path.read_text().splitlines():
                    if line.startswith("#include") and ".." in line:
                        yield f"{path.relative_to(source)}: {line}"


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda case: check(*case), cases()))
    troubles = [answer for answer in answers if answer] + list(climbs())
    for trouble in troubles:
        print(trouble)
    print(f"layers: {len(answers)} includes tried, {len(troubles)} wrong")
    return 1 if troubles or len(answers) < 200 else 0


if __name__ == "__main__":
    sys.exit(main())
