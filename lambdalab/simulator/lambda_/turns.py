"""Driving an environment turn by turn: its calls go through the front door, what it asks of the network is decided, its
waits move the clock."""

from __future__ import annotations

import msgspec

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.vpc import Endpoint
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_ import log_stream
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.environments import Environment
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import Call, Finished, Reply, Turn
from lambdalab.simulator.lambda_.network import Networking
from lambdalab.simulator.lambda_.recursion import CHAINED
from lambdalab.simulator.lambda_.transfer import size_of, transfer_time
from lambdalab.simulator.trace.facts import CallGivenUp
from lambdalab.simulator.vocabulary.assumptions.environments import MAX_MEMORY_STEP_MB
from lambdalab.simulator.vocabulary.errors import AwsError

LONG = frozenset(  # what may be answered later than a usual read timeout, or one of a few seconds
    (("lambda", "Invoke"), ("stepfunctions", "StartSyncExecution"), ("sqs", "ReceiveMessage"))
)


class HandlerFailure(Exception):
    """The sandbox itself failed. Our fault, never the student's: the run ends with it."""


class Driver(msgspec.Struct, frozen=True):
    """Plays the turns of one environment on behalf of one request (or of INIT, where ``request_id`` is None)."""

    world: World
    compute: Compute
    environment: Environment
    request_id: str | None

    def at_once(self, turn: Turn, deadline: Micros, lag: Micros) -> Finished | None:
        """How the code ended, where its first turn is its last, takes no time and asks the network for nothing.

        That is what :meth:`drive` would answer without a wait: most invocations are like that, and need no generator.
        """
        kernel = self.world.kernel
        if turn.finished is None or turn.clock_reads + lag or kernel.now >= deadline or kernel.others_first():
            return None
        if turn.connects or turn.requests or turn.closed:
            return None
        self._take_note(turn)
        return turn.finished

    def drive(self, turn: Turn, deadline: Micros, lag: Micros) -> Process[Finished | None]:
        """Play on from ``turn`` until the code is finished; None when ``deadline`` came first.

        ``lag`` is virtual time that the first turn took beyond its readings of the clock (measured compute).
        """
        kernel = self.world.kernel
        while True:
            self._take_note(turn)
            cost = turn.clock_reads + lag
            in_time = kernel.now + cost < deadline
            if not in_time:
                yield from kernel.sleep(Micros(max(0, deadline - kernel.now)))
                return None
            if cost or kernel.others_first():
                yield cost
            if turn.finished is not None:
                self._attend(turn)
                return turn.finished
            for call in turn.calls:
                self._send(call)
            self._attend(turn)
            if not (yield from self._wait(turn, lag, deadline)):
                return None
            turn = self.environment.handle.resume(self.environment.mailbox.drain(), kernel.now)
            lag = self.compute.measured(self.environment.function, turn.cpu_us)

    def _attend(self, turn: Turn) -> None:
        if turn.connects or turn.requests or turn.closed:
            Networking(self.world, self.environment, self.request_id).attend(turn)

    def _wait(self, turn: Turn, lag: Micros, deadline: Micros) -> Process[bool]:
        """Wait for an answer or for the moment a thread wants to wake; false when the deadline came first."""
        kernel, mailbox = self.world.kernel, self.environment.mailbox
        wake = deadline if turn.wake_at is None else min(deadline, Micros(turn.wake_at + lag))
        if not mailbox.replies:
            yield from kernel.wait_until(mailbox.bell, Micros(wake))
        return kernel.now < deadline

    def _take_note(self, turn: Turn) -> None:
        if turn.failure:
            raise HandlerFailure(turn.failure)
        if not turn.reproducible:
            self.world.reproducible = False
        environment = self.environment
        if turn.max_memory_mb > environment.max_memory_mb:
            step = MAX_MEMORY_STEP_MB if self.compute.mode == "declared" else 1
            used = -(-turn.max_memory_mb // step) * step
            environment.max_memory_mb = min(used, environment.function.memory_mb)
        for line in turn.logs:
            log_stream.write_application(self.world, environment, self.request_id, line)

    def _send(self, call: Call) -> None:
        """Set a call off. In a VPC it may never arrive: then botocore hears so when its patience is over."""
        endpoint = None
        if self.environment.function.vpc is not None:
            networking = Networking(self.world, self.environment, self.request_id)
            lost = networking.lose(call)
            if lost is not None:
                self.world.kernel.spawn(lost, background=True)
                return
            endpoint = networking.endpoint(call)
        self.world.kernel.spawn(self._ask(call, endpoint))

    def _ask(self, call: Call, endpoint: Endpoint | None) -> Process[None]:
        """Send one call through the front door as the execution role, and put the answer into the mailbox."""
        function, mailbox = self.environment.function, self.environment.mailbox  # a reset puts a new one up
        yield from self._carry(size_of(call.params))
        request = Request(
            function.role,
            call.service,
            call.operation,
            call.params,
            source=f"function/{function.name}",
            request_id=self.request_id,
            environment=self.environment.id,
            trace_header=self.environment.trace_header,
            lineage=(self.environment.lineage or {function.name: 1}) if call.service in CHAINED else None,
            conditions=None if endpoint is None else _by(endpoint, function),
            passing=None if endpoint is None else endpoint.policy,
        )
        if call.read_patience is None or not (self.world.faults.aimed or (call.service, call.operation) in LONG):
            answer = yield from self.world.api.call(request)
        else:
            in_time = yield from self._within(call.read_patience, request)
            if in_time is None:
                if mailbox is self.environment.mailbox and self.environment.idle_since is None:  # somebody still waits
                    self._give_up(request, call.read_patience)
                mailbox.put(Reply(call.id, 0, failure="read_timeout"))
                return
            answer = in_time
        yield from self._carry(0 if isinstance(answer, AwsError) else size_of(answer.output))
        mailbox.put(reply_of(call.id, answer))

    def _within(self, patience: Micros, request: Request) -> Process[Answer | AwsError | None]:
        """The answer, if it comes before botocore's read timeout. The service goes on in either case."""
        kernel, answered = self.world.kernel, self.world.kernel.signal()
        kernel.spawn(self.world.api.call(request), done=answered)
        in_time = yield from kernel.wait_until(answered, Micros(kernel.now + patience))
        answer: Answer | AwsError | None = (yield from kernel.wait(answered)) if in_time else None
        return answer

    def _give_up(self, request: Request, waited: Micros) -> None:
        asked = request.source, request.service, request.operation, request.request_id
        self.world.trace.record(CallGivenUp(*asked, self.environment.id, waited))

    def _carry(self, size: int) -> Process[None]:
        """Bytes on their way through the environment's network."""
        took = transfer_time(size)
        if took:
            yield from self.world.kernel.sleep(took)


def reply_of(call_id: int, answer: Answer | AwsError) -> Reply:
    """The answer as the handler port carries it."""
    if isinstance(answer, AwsError):
        return Reply(
            call_id,
            answer.status,
            error_code=answer.code,
            error_message=answer.message,
            error_extra=dict(answer.extra),
        )
    return Reply(call_id, answer.status, output=answer.output)


def _by(endpoint: Endpoint, function: Function) -> dict[str, str]:
    """What only calls by an endpoint have. Source: IAM User Guide, "AWS global condition context keys"."""
    vpc = {} if function.vpc is None else {"aws:sourcevpc": function.vpc.vpc}
    return {"aws:sourcevpce": endpoint.id, **vpc}
