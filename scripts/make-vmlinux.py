#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes vmlinux.h: the few kernel types that bpf/ touches, taken from a kernel's BTF.

Usage: scripts/make-vmlinux.py [BTF_FILE] > vmlinux.h

Whole types are copied as they stand; of struct sk_buff and struct net_device only the named
fields are kept, flattened. That is enough for CO-RE: libbpf finds a field by its name, inside
anonymous members too, and corrects offset and size for the kernel it runs on.
"""
import re
import subprocess
import sys

TYPEDEFS = ["__u8", "__s8", "__u16", "__s16", "__u32", "__s32", "__u64", "__s64",
            "u64", "u32", "u8",
            "__be16", "__be32", "__be64", "__sum16", "__wsum",
            "umode_t", "__kernel_loff_t", "loff_t"]
# Of fixed layout, by the wire or by UAPI: to relocate them would only confuse the verifier, which
# wants plain offsets from the context.
WHOLE = ["ethhdr", "iphdr", "in6_addr", "ipv6hdr", "udphdr", "__sk_buff", "sk_msg_md", "bpf_sock_ops"]
ENUMS = ["bpf_map_type", "bpf_adj_room_mode", "sk_action"]
TYPEDEF_STRUCTS = ["possible_net_t"]
FIELDS = {
    "net": ["net_cookie"],
    "page_frag": ["offset", "size"],
    "hlist_head": ["first"],
    "inode": ["i_mode", "i_size"],
    "file": ["f_inode", "f_pos"],
    "fdtable": ["max_fds", "fd"],
    "files_struct": ["fdt"],
    "task_struct": ["flags", "files", "task_frag"],
    "sk_msg_sg": ["start", "end"],
    "sk_msg": ["sg"],
    "inet_connection_sock": ["icsk_ulp_ops"],
    "tcp_sock": ["inet_conn", "write_seq", "pushed_seq", "max_window", "syn_data", "syn_fastopen"],
    "dst_metrics": ["metrics"],
    "dst_ops": ["family"],
    "dst_entry": ["ops", "_metrics", "expires"],
    "rtable": ["rt_pmtu"],
    "net_device": ["mtu", "nd_net"],
    "sk_buff": ["dev", "ip_summed", "csum_start", "csum_offset", "mac_header",
                "_skb_refdst"],
}


def block(dump, kind, name):
    found = re.search(rf"^{kind} {name} \{{\n.*?^\}}[^\n]*;\n", dump, re.M | re.S)
    if not found:
        sys.exit(f"make-vmlinux: {kind} {name} is not in this BTF")
    return found.group(0)


def typedef_struct(dump, name):
    found = re.search(rf"^typedef struct \{{\n[^}}]*\}} {name};\n", dump, re.M)
    if not found:
        sys.exit(f"make-vmlinux: {name} is not in this BTF")
    return found.group(0)


def fields(dump, name, wanted):
    body = block(dump, "struct", name)
    lines = []
    for field in wanted:
        found = re.search(rf"^\t+((?:[\w ]+[ *]\*?){field}(?:\[\d+\])?(?:: \d+)?;)$", body, re.M)
        if not found:
            sys.exit(f"make-vmlinux: struct {name} has no {field} in this BTF")
        lines.append(f"\t{found.group(1)}")
    return f"struct {name} {{\n" + "\n".join(lines) + "\n};\n"


def main():
    btf = sys.argv[1] if len(sys.argv) > 1 else "/sys/kernel/btf/vmlinux"
    dump = subprocess.run(["bpftool", "btf", "dump", "file", btf, "format", "c"],
                          check=True, capture_output=True, text=True).stdout
    release = subprocess.run(["uname", "-r"], check=True, capture_output=True, text=True).stdout
    out = ["/* SPDX-License-Identifier: GPL-2.0-only */",
           f"/* Made by scripts/make-vmlinux.py from the BTF of Linux {release.split('-')[0].strip()}: do not edit. */",
           "#ifndef __VMLINUX_H__", "#define __VMLINUX_H__", "",
           "typedef _Bool bool;", "enum { false = 0, true = 1 };"]
    for name in TYPEDEFS:
        found = re.search(rf"^typedef [^\n]* {name};$", dump, re.M)
        if not found:
            sys.exit(f"make-vmlinux: typedef {name} is not in this BTF")
        out.append(found.group(0))
    out.append("")
    out += [block(dump, "enum", name) for name in ENUMS]
    out += [block(dump, "struct", name) for name in WHOLE]
    out += ["#ifndef BPF_NO_PRESERVE_ACCESS_INDEX",
            "#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)",
            "#endif", ""]
    out += ["struct net;"] + [typedef_struct(dump, name) for name in TYPEDEF_STRUCTS]
    out += [fields(dump, name, wanted) for name, wanted in FIELDS.items()]
    out += ["#ifndef BPF_NO_PRESERVE_ACCESS_INDEX", "#pragma clang attribute pop", "#endif", "",
            "#endif /* __VMLINUX_H__ */"]
    print("\n".join(out))


if __name__ == "__main__":
    main()
