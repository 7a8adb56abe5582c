# SPDX-License-Identifier: GPL-2.0-only
"""A guest in QEMU: a kernel, an initramfs of a few programs, a shell script, and what it said on
its console. Knows nothing of zcctl and of what the script does."""
import os
import re
import shutil
import subprocess
import time

_INIT = """#!/bin/sh
export PATH=/bin
ip() { /bin/ip "$@"; }  # busybox prefers its own
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
mount -t tmpfs run /run; mkdir -p /run/netns /dev/net; mount -t bpf bpf /sys/fs/bpf
for module in $(cat /modules/order); do insmod /modules/$module.ko || echo "guest: no $module"; done
ip link set lo up
echo; echo "guest: $(uname -r) is up"
. /script
echo "guest: oops $(dmesg | grep -cE 'BUG|WARNING|Oops|Call Trace')"
dmesg | grep -E -A12 'BUG|WARNING|Oops|Call Trace' | head -40
echo "guest: ends"
poweroff -f
"""
_BUSYBOX = ("sh mount insmod cat mkdir echo uname dmesg grep head sed poweroff sleep ls tail wc tr "
            "seq true false test cut readlink basename").split()


def _plain(line):
    """Without what the firmware says to a terminal."""
    return re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|c)", "", line).strip()


class Failed(Exception):
    """The guest did not come to its end; the text has the last of its console."""


def _libraries(program):
    """The files that the loader wants for it: none for a static program."""
    told = subprocess.run(["ldd", program], text=True, capture_output=True, check=False).stdout
    return sorted(set(re.findall(r"(/\S+)", told))) if "=>" in told else []


def _install(root, program, name):
    shutil.copy(program, f"{root}/bin/{name}")
    for library in _libraries(program):
        if not os.path.exists(root + library):
            os.makedirs(os.path.dirname(root + library), exist_ok=True)
            shutil.copy(os.path.realpath(library), root + library)


def initramfs(folder, kernel, modules, programs, script, files=None):
    """Makes FOLDER/initrd. `programs`: name in the guest's /bin -> path here; their libraries go
    with them. `files`: path in the guest -> bytes."""
    root = f"{folder}/root"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("bin", "proc", "sys", "dev", "run", "tmp", "etc", "modules"):
        os.makedirs(f"{root}/{name}")
    shutil.copy(shutil.which("busybox"), f"{root}/bin/busybox")
    for applet in _BUSYBOX:
        os.symlink("busybox", f"{root}/bin/{applet}")
    for name, path in {"ip": shutil.which("ip"), **programs}.items():
        _install(root, path, name)
    found = kernel.modules(*modules)
    contents = {f"/modules/{name}.ko": content for name, content in found.items()}
    contents["/modules/order"] = "\n".join(found).encode() + b"\n"
    contents["/script"] = script.encode()
    contents["/init"] = _INIT.encode()
    for path, content in {**contents, **(files or {})}.items():
        with open(root + path, "wb") as file:
            file.write(content)
    os.chmod(f"{root}/init", 0o755)
    names = "\n".join(os.path.relpath(f"{where}/{name}", root)
                      for where, folders, files in os.walk(root) for name in folders + files)
    with open(f"{folder}/initrd", "wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), cwd=root,
                       stdout=out, check=True)
    shutil.rmtree(root)
    return f"{folder}/initrd"


def boot(kernel, initrd, console, seconds, devices=(), echo=None):
    """Runs it to its end and returns the lines of its console, which are in the file `console` as
    well. `echo(line)` is called for each while it runs. Emulated: KVM is not everywhere, and the
    cards are the same."""
    command = ["nice", "-n", "15", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max",
               "-m", "1536", "-smp", "1", "-nographic", "-no-reboot", "-nic", "none",
               "-kernel", kernel.image, "-initrd", initrd, "-append",
               "console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0 rdinit=/init", *devices]
    lines, end = [], time.monotonic() + seconds
    with open(console, "w+", encoding="utf-8", errors="replace") as out, \
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.STDOUT) as qemu:
        try:
            with open(console, encoding="utf-8", errors="replace") as said:
                rest = ""
                while True:
                    ended = qemu.poll() is not None
                    *new, rest = (rest + said.read()).split("\n")
                    for line in map(_plain, new):
                        lines.append(line)
                        if echo:
                            echo(line)
                    if ended:
                        break
                    if time.monotonic() > end:
                        raise Failed(f"not done after {seconds} s:\n" + "\n".join(lines[-30:]))
                    time.sleep(0.2)
        finally:
            if qemu.poll() is None:
                qemu.kill()
    if "guest: ends" not in lines:
        raise Failed(f"it stopped (QEMU: {qemu.returncode}):\n" + "\n".join(lines[-30:]))
    return lines
