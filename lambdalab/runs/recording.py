"""Stores a trace while it is being played."""

from dataclasses import dataclass, field

from django.db import transaction

from lambdalab.runs.lease import Lease, LeaseLost
from lambdalab.runs.models import TraceChunk
from lambdalab.runs.packing import pack_lines

CHUNK_BYTES = 256 * 1024


@dataclass(slots=True)
class ChunkWriter:
    """Collects JSON lines into rows of about `CHUNK_BYTES`, each written only while the lease is ours."""

    lease: Lease
    sequence: int = 0
    buffer: bytearray = field(default_factory=bytearray)

    def add(self, lines: bytes) -> None:
        """Take some lines."""
        self.buffer += lines
        if len(self.buffer) >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        if not self.buffer:
            return
        self.sequence += 1
        with transaction.atomic():
            if not self.lease.row().select_for_update().exists():
                self.lease.lost = True
                raise LeaseLost(str(self.lease.run_id))
            TraceChunk.objects.create(
                run_id=self.lease.run_id,
                fence=self.lease.fence,
                sequence=self.sequence,
                data=pack_lines(bytes(self.buffer)),
            )
        self.buffer.clear()
