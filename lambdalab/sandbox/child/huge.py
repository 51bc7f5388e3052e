"""Huge pages for what the zygote holds.

A fork copies the page tables, and an exit takes them apart, page by page: some 9,000 pages, two processes an
environment. A huge page is one entry for 512 of them. The kernel takes an entry apart when an environment first writes
into such a page, and still copies no more than the 4 KB which are written.
"""

import ctypes

SIZE = 2 << 20
COLLAPSE = 25  # MADV_COLLAPSE, of Linux 6.1


def collapse() -> None:
    """Make huge pages of all private memory that was filled without a file. A kernel that does not is slower."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    with open("/proc/self/maps") as maps:
        lines = maps.read().splitlines()
    for line in lines:
        place, rights, *_, last = line.split()
        if rights != "rw-p" or last not in ("0", "[heap]"):
            continue
        start, end = (int(address, 16) for address in place.split("-"))
        for at in range(-(-start // SIZE) * SIZE, end // SIZE * SIZE, SIZE):
            madvise(at, SIZE, COLLAPSE)
