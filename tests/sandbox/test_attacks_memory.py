"""Memory that is not counted where one looks: tables, files, pipes, children, and what is shared."""

from __future__ import annotations

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status
from tests.sandbox.conftest import Attack

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")

MAP = """
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
def mapped(size, protection, flags): return libc.mmap(None, size, protection, flags, -1, 0)
"""
TABLES = """
size = 1 << 38
address = mapped(size, 1, 0x4022)  # private, anonymous, no reserve
page = memoryview((ctypes.c_char * size).from_address(address)).cast("B")
for at in range(0, size, 1 << 21): page[at]
while True: pass
"""
UNSEEN = """
size, step = 400 << 20, 8 << 20
address = mapped(size, 3, 0x21)  # shared, anonymous
for at in range(0, size, step):
    libc.memset(address + at, 1, step)
    libc.madvise(address + at, step, 4)  # not needed here: the pages stay, the process no longer has them
return "hidden"
"""


def test_page_tables_count_as_memory(attack: Attack) -> None:
    assert attack(MAP + TABLES, policy=Policy(wall_s=10)).status is Status.OUT_OF_MEMORY


def test_shared_pages_that_nobody_has_mapped_count_where_there_are_control_groups(
    attack: Attack, sandbox: Sandbox
) -> None:
    grouped = any(layer.active and "control groups" in layer.name for layer in sandbox.layers)
    report = attack(MAP + UNSEEN, policy=Policy(memory_mb=128, tmp_mb=8))
    assert report.status is (Status.OUT_OF_MEMORY if grouped else Status.OK)


def test_memory_of_programs_it_starts_counts(attack: Attack) -> None:
    body = "return subprocess.run([sys.executable, '-S', '-c', 'x = bytearray(200_000_000)\\nwhile True: pass']).returncode"
    assert attack(body, policy=Policy(memory_mb=128)).status is Status.OUT_OF_MEMORY


def test_memory_asked_for_as_huge_pages_counts(attack: Attack) -> None:
    body = "address = mapped(256 << 20, 3, 0x22); libc.madvise(address, 256 << 20, 14); libc.memset(address, 1, 256 << 20)"
    assert attack(MAP + body + "\nwhile True: pass").status is Status.OUT_OF_MEMORY
    assert attack(MAP + "return mapped(2 << 20, 3, 0x40022) in (None, 2**64 - 1)").result is True  # from the machine's pool


def test_ten_thousand_mappings_are_a_matter_of_their_owner(attack: Attack) -> None:
    body = "return sum(mapped(4096, 3 if n % 2 else 1, 0x22) != 2**64 - 1 for n in range(10_000))"
    assert attack(MAP + body).result == 10_000


def test_more_address_space_than_data_may_take_is_refused(attack: Attack) -> None:
    body = "return mapped(2 << 30, 3, 0x22) in (None, 2**64 - 1)"
    assert attack(MAP + body, policy=Policy(memory_mb=128, data_headroom_mb=128)).result is True
    assert attack(MAP + body, policy=Policy(memory_mb=128, data_headroom_mb=4_096)).result is False


@pytest.mark.parametrize(("memory_mb", "status"), [(128, Status.OUT_OF_MEMORY), (256, Status.OK)])
def test_more_fits_where_more_may(attack: Attack, memory_mb: int, status: Status) -> None:
    report = attack("return len(bytearray(b'x') * 120_000_000)", policy=Policy(memory_mb=memory_mb))
    assert report.status is status


def test_files_in_tmp_are_not_memory_of_the_function(attack: Attack) -> None:
    body = """
with open("/tmp/big", "wb", 0) as file:
    for _ in range(120): file.write(bytes(1 << 20))
return os.path.getsize("/tmp/big")
    """
    assert attack(body, policy=Policy(memory_mb=64 + 32, tmp_mb=128)).result == 120 << 20


def test_full_pipes_end_with_their_environment(attack: Attack) -> None:
    report = attack("""
held = 0
try:
    while True:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        held += os.write(writing, bytes(65_536))
except OSError as error: return [held <= 512 * 65_536, error.errno]
    """)
    assert report.result == [True, 24]


def test_the_keeper_cannot_be_made_the_first_victim(attack: Attack) -> None:
    body = "return [open('/proc/self/oom_score_adj').read(), outcome(lambda: open('/proc/1/oom_score_adj', 'w'))]"
    assert attack(body).result == ["900\n", "EROFS"]
