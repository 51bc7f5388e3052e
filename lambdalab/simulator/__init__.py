"""The model of AWS Lambda and its neighbours in virtual time.

Pure Python: no Django, no network, no wall clock. One function is the product,
:func:`lambdalab.simulator.scenario.run.simulate`; everything a page shows is a pure function of the trace it writes.
"""
