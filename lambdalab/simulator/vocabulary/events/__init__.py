"""Events in AWS's own shape: the one place where each shape stands, for what the simulator delivers and for samples.

Sources that are named "from memory" have not been opened again: for these shapes the tests hold to the models of AWS
Lambda Powertools where there is one, else to the samples that they name.
"""
