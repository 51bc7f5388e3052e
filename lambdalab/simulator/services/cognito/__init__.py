"""Amazon Cognito user pools and their Lambda triggers."""

from lambdalab.simulator.services.cognito.pool import Client, PasswordPolicy, UserPool, client_id, pool_arn, pool_id
from lambdalab.simulator.services.cognito.service import Cognito

__all__ = ["Client", "Cognito", "PasswordPolicy", "UserPool", "client_id", "pool_arn", "pool_id"]
