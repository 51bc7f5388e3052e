"""Lambda's own API behind the front door, and the place where its parts are put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.async_queue import AsyncQueue
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.control.account import AccountApi
from lambdalab.simulator.lambda_.control.aliases import AliasApi
from lambdalab.simulator.lambda_.control.concurrency import ConcurrencyApi
from lambdalab.simulator.lambda_.control.event_invoke import EventInvokeApi
from lambdalab.simulator.lambda_.control.event_source_mappings import MappingApi
from lambdalab.simulator.lambda_.control.functions import FunctionApi
from lambdalab.simulator.lambda_.control.layers import LayerApi
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.control.permissions import PermissionApi
from lambdalab.simulator.lambda_.control.provisioned import ProvisionedApi
from lambdalab.simulator.lambda_.control.rates import ControlRates
from lambdalab.simulator.lambda_.control.recursion import RecursionApi
from lambdalab.simulator.lambda_.environments import Fleet
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.mappings import Mappings
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig, Function
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.invocation import Invoker, Work
from lambdalab.simulator.lambda_.invoke_api import INVOKING, InvokeApi, answer_of
from lambdalab.simulator.lambda_.layers import Layers
from lambdalab.simulator.lambda_.log_delivery import LogDelivery
from lambdalab.simulator.lambda_.names import arn_elsewhere, nobody
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.lambda_.provisioned import Provisioned
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.lambda_.routes import Routes
from lambdalab.simulator.trace.facts import ConcurrencyReserved
from lambdalab.simulator.vocabulary.arns import function_arn, split_name
from lambdalab.simulator.vocabulary.errors import AwsError, invalid, throttle


class LambdaService:
    """AWS Lambda in one account and Region."""

    def __init__(self, world: World, handlers: Handlers, compute: Compute, *, account_limit: int) -> None:
        self._world = world
        self._handlers = handlers
        self.functions: dict[str, Registered] = {}
        self.fleets: dict[str, Fleet] = {}
        self.concurrency = Concurrency(world.kernel, world.faults, account_limit=account_limit)
        self.invoker = Invoker(world, self.concurrency, self.fleets, compute)
        self.log_delivery = LogDelivery(world)
        self.permissions = FunctionPolicies(world)
        self.routes = Routes(world)
        self.queue = AsyncQueue(world, self.invoker, self.routes)
        self._invoke_api = InvokeApi(world, self.invoker, self.queue, self.routes)
        self._rates = ControlRates(world.kernel)
        self.event_invoke_api = EventInvokeApi(world, self.functions)
        self.mappings = Mappings(world, Delivery(world, self.functions, self.invoker, self.routes))
        self._mapping_api = MappingApi(world, self.mappings, self.functions)
        self.layers = Layers(world)
        self.provisioned = Provisioned(world, self.fleets, self.concurrency, self.invoker)
        self.function_api = FunctionApi(world, self.fleets, self.layers, self.provisioned, self.permissions)
        self._layer_api = LayerApi(self.layers, self.permissions, self.function_api)
        self.provisioned_api = ProvisionedApi(self.provisioned, self.concurrency)
        self.alias_api = AliasApi(world, self.provisioned, self.permissions)
        self._operations: dict[str, Operation] = {
            **self.function_api.operations,
            **self.alias_api.operations,
            **self.provisioned_api.operations,
            **ConcurrencyApi(self.concurrency, self.reserve).operations,
            **PermissionApi(self.permissions).operations,
            **RecursionApi().operations,
            **self.event_invoke_api.operations,
        }
        account_api = AccountApi(self.functions, self.concurrency, self.layers)
        self._apis = {
            operation: api for api in (self._layer_api, self._mapping_api, account_api) for operation in api.operations
        }  # of what is about no function
        world.api.register("lambda", self)

    def deploy(
        self,
        function: Function,
        reserved_concurrency: int | None = None,
        event_invoke: Mapping[str, EventInvokeConfig] | None = None,
    ) -> Registered:
        """Add a function to the account; ``event_invoke`` is its configuration by qualifier."""
        registered = Registered(function, reserved_concurrency, dict(event_invoke or {}))
        registered.revise(LATEST, self._world)
        self.functions[function.name] = registered
        self.fleets[function.name] = Fleet(self._world, self._handlers, self.log_delivery, function.name)
        self.concurrency.reserve(function.name, reserved_concurrency)
        return registered

    def extend(self, operations: Mapping[str, Operation]) -> None:
        """Add operations that are carried out elsewhere: those on function URLs."""
        self._operations |= operations

    def remove_all(self) -> None:
        """Remove every function with what is provisioned for it; environments at work end when they are done."""
        self.mappings.remove_all()
        for registered in list(self.functions.values()):
            self.remove(registered)

    def remove(self, registered: Registered) -> None:
        """Remove one function, as its stack does. Who calls it from now on is told that there is none.

        What runs goes on to its end; events that wait are lost (assumption A-210).
        """
        registered.deleted = True
        for allocation in self.provisioned.of(registered):
            self.provisioned.delete(allocation)
        self.permissions.forget(function_arn(registered.name))
        for version in (LATEST, *registered.versions):
            self.fleets[registered.name].replace(version)
        self.reserve(registered, None)
        del self.functions[registered.name]

    def reserve(self, registered: Registered, amount: int | None) -> None:
        """Reserve concurrency for a function, or none."""
        if amount != registered.reserved_concurrency:
            self._world.trace.record(ConcurrencyReserved(registered.name, amount))
        registered.reserved_concurrency = amount
        self.concurrency.reserve(registered.name, amount)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """What an operation acts on: a layer, a mapping, anything; or a function, by a qualifier a version or alias."""
        api = self._apis.get(operation)
        if api is not None:
            return api.resource(params)
        name, suffix = split_name(str(params.get("FunctionName", "")))
        if name not in self.functions and (elsewhere := arn_elsewhere(name)):
            return elsewhere, name
        return function_arn(name, params.get("Qualifier", suffix)), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        if request.operation in INVOKING:
            operation = None
        else:
            if not self._rates.take(request.operation):
                return throttle("CallerRateLimitExceeded")
            wrong = violated("lambda", request.operation, request.params)
            if wrong is not None:
                return wrong
            api = self._apis.get(request.operation)
            if api is not None:
                return api.operations[request.operation](request.params)
            operation = self._operations.get(request.operation)
            if operation is None:
                return unsupported(request)
        name, suffix = split_name(request.params["FunctionName"])
        registered = self.functions.get(name)
        if registered is None:
            return nobody(request, name, suffix)
        given = request.params.get("Qualifier")
        if given and suffix and given != suffix:
            return invalid("The derived qualifier from the function name does not match the specified qualifier.")
        qualifier = given or suffix
        if operation is None:
            asked = self._invoke_api.ask(registered, qualifier, request)
            if not isinstance(asked, Work):
                return asked
            return answer_of(asked, (yield from self.invoker.invoke(asked)))
        return operation(registered, qualifier, request.params)

    def close(self) -> None:
        """The run is over."""
        for fleet in self.fleets.values():
            fleet.close()
