"""The allocator serves all threads of a process from two arenas and gives back what is free, also in between."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, os, re, sys, tempfile, threading
from PROPPR.SharedServices.service.allocator import give_memory_back

if sys.argv[1] == "set":
    assert give_memory_back()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.fdopen.restype = ctypes.c_void_p
libc.fclose.argtypes = [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
everybody = threading.Barrier(8)

def take():
    everybody.wait()
    for _ in range(100):
        libc.malloc(3000)
    everybody.wait()

threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with tempfile.TemporaryFile() as file:
    stream = libc.fdopen(os.dup(file.fileno()), b"w")
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    file.seek(0)
    print(len(re.findall(rb"<heap nr=", file.read())))
"""

HOLES = """
import re
from PROPPR.SharedServices.service.allocator import give_memory_back, trim

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

give_memory_back()
blocks = [bytes(3000) for _ in range(20_000)]
kept = blocks[::100]  # 60 MB with something in use everywhere
del blocks
before = resident()
assert trim()
print(before - resident())
"""
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


@glibc
def test_what_is_free_between_blocks_in_use_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30


@glibc
def test_all_threads_share_two_arenas() -> None:
    found = {}
    for how in ("set", "left alone"):
        done = subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True)
        found[how] = int(done.stdout)
    assert found["set"] <= 2 < found["left alone"]
