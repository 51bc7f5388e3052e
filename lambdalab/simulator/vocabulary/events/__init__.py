"""Events in AWS's own shape: the one place where each shape stands, for what the simulator delivers and for samples.

The tests hold the shapes to the models of AWS Lambda Powertools where there is one, else to the samples that they name.
"""
