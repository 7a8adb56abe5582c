# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernels and their modules, unpacked into a cache. Knows nothing of guests or zcctl."""
import lzma
import os
import re
import subprocess

SERIES = ("6.1", "6.12")
# Debian 12 has both: its own kernel, and that of Debian 13 built for it.
_METAS = ("linux-image-amd64", "linux-image-6.12-amd64")
# The rest of a kernel package is 400 MB of modules that nobody asks for.
_WANTED = ("./boot/vmlinuz-*", "./lib/modules/*/kernel/net/*", "./lib/modules/*/kernel/lib/*",
           "./lib/modules/*/kernel/drivers/net/*", "./lib/modules/*/kernel/drivers/virtio/*",
           "./lib/modules/*/kernel/crypto/*", "./lib/modules/*/kernel/drivers/ptp/*",
           "./lib/modules/*/kernel/drivers/pps/*", "./lib/modules/*/modules.builtin")


class CannotHave(Exception):
    """This machine's apt has no such kernel; the text says why."""


class Kernel:
    """One unpacked kernel."""

    def __init__(self, folder):
        self.folder = folder
        self.release = os.listdir(f"{folder}/lib/modules")[0]
        self.image = f"{folder}/boot/vmlinuz-{self.release}"
        self._files = {}
        for where, _, names in os.walk(f"{folder}/lib/modules"):
            for name in names:
                if ".ko" in name:
                    self._files[name.split(".ko")[0].replace("-", "_")] = f"{where}/{name}"
        with open(f"{folder}/lib/modules/{self.release}/modules.builtin", encoding="utf-8") as file:
            self._builtin = {os.path.basename(line).split(".ko")[0].replace("-", "_")
                             for line in file}

    def modules(self, *names):
        """Name -> bytes of these modules and all that they need, in the order of insertion."""
        found = {}
        for name in names:
            self._add(name, found)
        return found

    def _add(self, name, found):
        name = name.replace("-", "_")
        if name in found or name in self._builtin:
            return
        if name not in self._files:
            raise CannotHave(f"Linux {self.release} has no module {name}")
        content = self._read(self._files[name])
        # The module's own word for what modprobe would load first.
        needs = re.search(rb"\0depends=([^\0]*)\0", content)
        for need in needs.group(1).decode().split(",") if needs else []:
            if need:
                self._add(need, found)
        found[name] = content

    @staticmethod
    def _read(path):
        if path.endswith(".xz"):
            with lzma.open(path) as file:
                return file.read()
        with open(path, "rb") as file:
            return file.read()


def _package_of(series):
    for meta in _METAS:
        shown = subprocess.run(["apt-cache", "show", "--no-all-versions", meta], text=True,
                               capture_output=True, check=False).stdout
        depends = re.search(rf"^Depends: (linux-image-{re.escape(series)}\.\S+)", shown,
                            re.MULTILINE)
        if depends:
            return depends.group(1)
    raise CannotHave(f"apt has no Linux {series}: Debian 12 has it (apt-get update first?)")


def _package_before(version):
    """Debian 12 keeps some of those that it had before."""
    series, patch = version.rsplit(".", 1)
    names = subprocess.run(["apt-cache", "pkgnames", f"linux-image-{series}."], text=True,
                           capture_output=True, check=False).stdout
    older = [int(found) for found in re.findall(
        rf"^linux-image-{re.escape(series)}\.(\d+)\+deb12-amd64$", names, re.MULTILINE)
             if int(found) < int(patch)]
    if not older:
        raise CannotHave(f"apt has no Linux {series} before {version} any more")
    return f"linux-image-{series}.{max(older)}+deb12-amd64"


def _download(package, cache):
    """The .deb's path, downloaded unless it is there."""
    def there():
        return [name for name in sorted(os.listdir(cache))
                if name.startswith(f"{package}_") and name.endswith(".deb")]
    if not there():
        print(f"downloading {package}", flush=True)
        result = subprocess.run(["apt-get", "-q", "download", package], cwd=cache, text=True,
                                capture_output=True, check=False)
        if not there():
            raise CannotHave(f"apt-get download {package}: {result.stderr.strip()}")
    return f"{cache}/{there()[-1]}"


def kernel(series, cache):
    """The newest kernel of one of SERIES, by way of `cache`."""
    return _unpacked(_package_of(series), cache)


def kernel_before(version, cache):
    """The newest of the same series that is older, by way of `cache`."""
    return _unpacked(_package_before(version), cache)


def _unpacked(package, cache):
    os.makedirs(cache, exist_ok=True)
    folder = f"{cache}/{package}"
    if not os.path.exists(f"{folder}/complete"):
        deb = _download(package, cache)
        os.makedirs(folder, exist_ok=True)
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                              stdout=subprocess.PIPE) as unpack:
            subprocess.run(["tar", "-x", "-C", folder, "--wildcards",
                            "--exclude", "*/drivers/net/wireless", *_WANTED],
                           stdin=unpack.stdout, stderr=subprocess.DEVNULL, check=False)
        if not os.path.exists(f"{folder}/lib/modules"):
            raise CannotHave(f"{deb} cannot be unpacked")
        os.rename(_mark(folder), f"{folder}/complete")
    return Kernel(folder)


def _mark(folder):
    with open(f"{folder}/unpacked", "w", encoding="utf-8"):
        return f"{folder}/unpacked"
