"""Everything that reaches a function over HTTP: function URLs, API Gateway, load balancers.

A *door* answers requests for one host. What it hands to a function goes through the account's front door like every
other call, so rights, throttles, faults and latencies are those of ``lambda:Invoke``.
"""
