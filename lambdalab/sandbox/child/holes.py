"""Fills the holes of the zygote's heaps, so that what environments allocate lies side by side.

An allocator gives out free places in pages that are half used before it starts a new page. After the zygote's imports
such places are everywhere, so an environment's small objects would each cost a page: it is shared until then, and
copied when written. Filled once, the places cost nothing more, and an environment's objects share a few new pages.
"""

import ctypes

POOL_BYTES, POOL_HEADER = 1 << 14, 48  # CPython 3.10 and later: Objects/obmalloc.c
STEP, SMALL_MAX = 16, 512  # its size classes; what is larger, the C library allocates
LARGE_MAX = 1 << 16
MOST = 1 << 20  # of one size: an allocator that we do not know must not keep us here


class _MallInfo(ctypes.Structure):
    """mallinfo2(3). Its last figure is the size of the heap's top."""

    _fields_ = [("figures", ctypes.c_size_t * 10)]


def fill() -> None:
    """Take every free place. Nothing is given back."""
    _fill_pools()
    _fill_c_heap()


def _fill_pools() -> None:
    """Python's small objects: a size class is full when it must begin a pool, and the first block is given out."""
    allocate = ctypes.pythonapi.PyObject_Malloc
    allocate.argtypes, allocate.restype = [ctypes.c_size_t], ctypes.c_size_t
    for size in range(STEP, SMALL_MAX + 1, STEP):
        for _ in range(MOST):
            if allocate(size) % POOL_BYTES == POOL_HEADER:
                break


def _fill_c_heap() -> None:
    """The C library's heap: free places lie below its top, from which it takes when nothing else fits."""
    libc = ctypes.CDLL(None)
    libc.malloc.argtypes, libc.malloc.restype = [ctypes.c_size_t], ctypes.c_size_t
    libc.sbrk.argtypes, libc.sbrk.restype = [ctypes.c_ssize_t], ctypes.c_size_t
    libc.free.argtypes = [ctypes.c_size_t]
    libc.mallinfo2.restype = _MallInfo
    top = libc.sbrk(0) - libc.mallinfo2().figures[-1]
    for size in range(LARGE_MAX, STEP, -STEP):
        for _ in range(MOST):
            place = libc.malloc(size)
            if place >= top:
                libc.free(place)
                break
