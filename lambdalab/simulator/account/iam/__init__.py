"""Permissions, really evaluated: policies, conditions, the decision and its explanation. Facts G.1 to G.6."""

from lambdalab.simulator.account.iam.authority import Authority, Refusal, action_of
from lambdalab.simulator.account.iam.evaluation import Decision, Question, decide
from lambdalab.simulator.account.iam.policies import Policy, PolicyError, Statement, read_policy
from lambdalab.simulator.account.iam.principals import ADMINISTRATOR, ANONYMOUS, Principal, service_principal

__all__ = [
    "ADMINISTRATOR",
    "ANONYMOUS",
    "Authority",
    "Decision",
    "Policy",
    "PolicyError",
    "Principal",
    "Question",
    "Refusal",
    "Statement",
    "action_of",
    "decide",
    "read_policy",
    "service_principal",
]
