#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Layers: each header of each layer is looked for from each other layer, with the compiler flags of
that layer. What the table below does not allow must not be found, or end at a fence; what it allows
must be found; and every header must compile alone, which a source that includes it first proves.

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
    "console": ("ctl/console", "base", "CLI11"),
    "cli": ("ctl/cli", "kern out core console api base abi", "fmt CLI11"),
    "os": ("bench/os", "base", ""),
    "results": ("bench/results", "base", "json"),
    "job": ("bench/job", "kern api base abi", "fmt liburing libxdp libbpf"),
    "methods": ("bench/methods", "job os base abi", ""),
    "env": ("bench/env", "job os kern core api base abi", "fmt"),
    "measure": ("bench/measure", "methods env job results os base abi", "fmt"),
    "suites": ("bench/suites", "measure methods env job results base abi", ""),
    "report": ("bench/report", "results base", "fmt json"),
    "bench_cli": ("bench/cli", "suites measure methods env job report results kern console api base abi",
                  "fmt json CLI11"),
}
# One header stands for each library: who can include it can use it.
LIBRARIES = {"libbpf": "bpf/libbpf.h", "libmnl": "libmnl/libmnl.h", "liburing": "liburing.h",
             "libxdp": "xdp/xsk.h", "fmt": "fmt/format.h", "json": "nlohmann/json.hpp",
             "CLI11": "CLI/CLI.hpp"}

source, database = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def headers_of(layer):
    """Names them as others would include them: "base/result.h"."""
    if layer == "abi":
        root = source / "include"
    else:
        root = source / LAYERS[layer][0] / "include"
    return [str(path.relative_to(root)) for path in sorted(root.rglob("*.h"))]


def private_headers_of(layer):
    folder = source / LAYERS[layer][0]
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.h"))
            if "include" not in path.relative_to(folder).parts[:1]]


def flags_of(layer):
    """The compiler and flags of one source file of the layer's folder, and where it is run; None
    where the layer is not built."""
    folder = os.path.realpath(source / LAYERS[layer][0]) + "/"
    for entry in json.loads(database.read_text()):
        if os.path.realpath(entry["file"]).startswith(folder):
            words = shlex.split(entry["command"])
            if os.path.basename(words[0]) == "ccache":
                words = words[1:]
            out = words.index("-o")
            del words[out:out + 2]
            return [word for word in words if word not in ("-c", entry["file"])], entry["directory"]
    return None


def compiler(flags, how, text):
    words, directory = flags
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as file:
        file.write(text)
        file.flush()
        return subprocess.run(words + [how, "-x", "c++", file.name], cwd=directory, text=True,
                              capture_output=True, timeout=120, check=False)


def first_includes(layer):
    """What the layer's sources include before all else: that they compile proves such a header."""
    for path in (source / LAYERS[layer][0]).rglob("*.cpp"):
        lines = [line for line in path.read_text().splitlines() if line.startswith("#include")]
        if lines and lines[0].startswith('#include "'):
            yield lines[0].split('"')[1]


def alone(layer, header, flags):
    run = compiler(flags, "-fsyntax-only", f'#include "{header}"\n')
    return [f'{layer}: "{header}" does not compile alone:\n{run.stderr}'] if run.returncode else []


def found(flags, headers):
    """Those of the headers that an #include would find."""
    text = "".join(f'#if __has_include("{h}")\nfound {h}\n#endif\n' for h in headers)
    lines = compiler(flags, "-E", text).stdout.splitlines()
    return {line.removeprefix("found ") for line in lines if line.startswith("found ")}


def reach(layer, allowed, barred, flags):
    """What the layer finds of other layers' headers against what it may."""
    seen = found(flags, allowed + barred)
    return ([f'{layer} finds "{h}", which it must not know' for h in barred if h in seen] +
            [f'{layer} does not find "{h}", though it may' for h in allowed if h not in seen])


def library(layer, name, may, flags):
    """A fence has to end the compilation; where there is none, the library can be used."""
    run = compiler(flags, "-E", f"#include <{LIBRARIES[name]}>\n")
    fenced = "this layer may not use" in run.stderr
    if may and fenced:
        return [f"{layer} may use {name}, and there is a fence:\n{run.stderr}"]
    return [] if may or fenced else [f"{layer} can use {name}, which it must not know"]


def checks(layer, flags):
    """(what to call, how many includes it tries)."""
    _, sees, uses = LAYERS[layer]
    own = headers_of(layer) + private_headers_of(layer)
    allowed, barred = [], []
    for other in [*LAYERS, "abi"]:
        if other == layer:
            continue
        (allowed if other in sees.split() else barred).extend(headers_of(other))
        # A private header has no prefix: that of another layer may have a namesake.
        private = private_headers_of(other) if other in LAYERS else []
        barred += [h for h in private if h not in own] + [f"{other}/{h}" for h in private]
    for header in set(own) - set(first_includes(layer)):
        yield lambda header=header: alone(layer, header, flags), 1
    yield lambda: reach(layer, allowed, barred, flags), len(allowed) + len(barred)
    for name in LIBRARIES:
        yield lambda name=name: library(layer, name, name in uses.split(), flags), 1


def climbs():
    """No include path may climb out of a folder: "../out/view.h" would pass every fence."""
    for folder, _, _ in LAYERS.values():
        for path in (source / folder).rglob("*"):
            if path.suffix in (".h", ".cpp"):
                for line in path.read_text().splitlines():
                    if line.startswith("#include") and ".." in line:
                        yield f"{path.relative_to(source)}: {line}"


def main():
    built = {layer: flags for layer in LAYERS if (flags := flags_of(layer))}
    missing = {"base", "api", "kern", "core", "out", "console", "cli"} - set(built)
    work = [check for layer, flags in built.items() for check in checks(layer, flags)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda check: check[0](), work))
    troubles = [f"{layer} is not built" for layer in sorted(missing)]
    troubles += [line for answer in answers for line in answer] + list(climbs())
    for trouble in troubles:
        print(trouble)
    print(f"layers: {sum(count for _, count in work)} includes tried in {len(built)} layers, "
          f"{len(troubles)} wrong")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
