"""The allocator serves all threads of a process from two arenas and keeps giving large blocks back."""

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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_all_threads_share_two_arenas() -> None:
    found = {}
    for how in ("set", "left alone"):
        done = subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True)
        found[how] = int(done.stdout)
    assert found["set"] <= 2 < found["left alone"]
