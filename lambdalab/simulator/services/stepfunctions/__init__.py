"""AWS Step Functions: state machines in the States Language, Standard and Express."""

from lambdalab.simulator.services.stepfunctions.machine import Execution, StateMachine, machine_arn
from lambdalab.simulator.services.stepfunctions.service import StepFunctions

__all__ = ["Execution", "StateMachine", "StepFunctions", "machine_arn"]
