# SPDX-License-Identifier: GPL-2.0-only
"""The few bpf(2) commands that bpftool 7.1 lacks or that would cost a process each."""
import ctypes
import errno
import functools
import os
import platform
import struct

_NUMBER = {"x86_64": 321, "aarch64": 280}.get(platform.machine(), 321)
_MAP_CREATE, _MAP_LOOKUP, _MAP_UPDATE, _PROG_LOAD, _OBJ_GET, _LINK_CREATE = 0, 1, 2, 5, 7, 28
_OBJ_PIN = 6
_INFO_BY_FD, _PROG_QUERY = 15, 16
_SCHED_CLS = 3
TCX_EGRESS = 47
BEFORE, AFTER = 1 << 3, 1 << 4  # BPF_F_BEFORE, BPF_F_AFTER

_libc = ctypes.CDLL(None, use_errno=True)


def _call(command, attributes):
    padded = ctypes.create_string_buffer(attributes, 128)
    result = _libc.syscall(_NUMBER, command, padded, 128)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"bpf({command}): {os.strerror(number)}")
    return result


def _address(buffer):
    return ctypes.addressof(buffer)


def _load_smallest():
    """`r0 = 0; exit` as a classifier."""
    program = ctypes.create_string_buffer(bytes([0xB7, 0, 0, 0, 0, 0, 0, 0, 0x95]) + bytes(7), 16)
    license_text = ctypes.create_string_buffer(b"GPL")
    return _call(_PROG_LOAD, struct.pack("=IIQQ", _SCHED_CLS, 2, _address(program),
                                         _address(license_text)))


def load_drop():
    """`r0 = TC_ACT_SHOT; exit` as a classifier: a firewall of somebody else's."""
    program = ctypes.create_string_buffer(bytes([0xB7, 0, 0, 0, 2, 0, 0, 0, 0x95]) + bytes(7), 16)
    license_text = ctypes.create_string_buffer(b"GPL")
    return _call(_PROG_LOAD, struct.pack("=IIQQ", _SCHED_CLS, 2, _address(program),
                                         _address(license_text)))


def why_unavailable():
    """None, or why no program can be loaded."""
    try:
        os.close(_load_smallest())
    except OSError as error:
        return f"no BPF here: {error}"
    return None


def get(path):
    """A descriptor of a pinned object."""
    name = ctypes.create_string_buffer(path.encode())
    return _call(_OBJ_GET, struct.pack("=Q", _address(name)))


def pin_pass(path):
    """Pins a program that says TC_ACT_OK, which is TCX_PASS, to every packet."""
    program = _load_smallest()
    name = ctypes.create_string_buffer(path.encode())
    try:
        _call(_OBJ_PIN, struct.pack("=QI", _address(name), program))
    finally:
        os.close(program)


def link_tcx(program_fd, ifindex, where):
    """Attaches at tcx egress, before or after all others; lasts as long as the descriptor."""
    return _call(_LINK_CREATE, struct.pack("=IIII", program_fd, ifindex, TCX_EGRESS, where))


@functools.cache
def kernel_has_tcx():
    """An older kernel does not get as far as to miss the device."""
    program = _load_smallest()
    try:
        os.close(link_tcx(program, 2**31 - 1, AFTER))
    except OSError as error:
        return error.errno == errno.ENODEV
    finally:
        os.close(program)
    return True


def count_tcx(ifindex):
    """How many programs are at tcx egress of a device of this namespace."""
    buffer = ctypes.create_string_buffer(struct.pack("=IIIIQI", ifindex, TCX_EGRESS, 0, 0, 0, 0),
                                         128)
    result = _libc.syscall(_NUMBER, _PROG_QUERY, buffer, 128)
    # A kernel without tcx does not know the question.
    return struct.unpack_from("=I", buffer, 24)[0] if result >= 0 else 0


def create_array(path, value_bytes, entries, mmapable):
    """Makes and pins an array map of zeros."""
    array, flags = 2, 1 << 10 if mmapable else 0
    made = _call(_MAP_CREATE, struct.pack("=IIIII", array, 4, value_bytes, entries, flags))
    name = ctypes.create_string_buffer(path.encode())
    try:
        _call(_OBJ_PIN, struct.pack("=QI", _address(name), made))
    finally:
        os.close(made)


class Map:
    """A pinned map; keys and values are bytes."""

    def __init__(self, path):
        self.fd = get(path)
        info = ctypes.create_string_buffer(80)
        _call(_INFO_BY_FD, struct.pack("=IIQ", self.fd, 80, _address(info)))
        _, _, self.key_bytes, self.value_bytes, self.max_entries = struct.unpack_from("=5I", info)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def __getitem__(self, key):
        key_buffer = ctypes.create_string_buffer(key, self.key_bytes)
        value = ctypes.create_string_buffer(self.value_bytes)
        _call(_MAP_LOOKUP, struct.pack("=IIQQQ", self.fd, 0, _address(key_buffer),
                                       _address(value), 0))
        return value.raw

    def __setitem__(self, key, value):
        key_buffer = ctypes.create_string_buffer(key, self.key_bytes)
        value_buffer = ctypes.create_string_buffer(value, self.value_bytes)
        _call(_MAP_UPDATE, struct.pack("=IIQQQ", self.fd, 0, _address(key_buffer),
                                       _address(value_buffer), 0))
