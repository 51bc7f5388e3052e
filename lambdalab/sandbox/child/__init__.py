"""What runs inside the jail. Standard library, AWS's runtime client and boto3 only; imports nothing else of ours.

These files are bound read-only into the jail and run by the jail's own interpreter, so they import each other by their
plain names (``import runtime``), which are given back before a function's code runs (``names.py``). The processes, from
the outside in:

- *zygote* (``zygote.py``): a few per broker, uid 0 of an unprivileged user namespace, imports everything once
  (``warm.py``), leaves its heaps without holes (``holes.py``) and in huge pages (``huge.py``), never runs a student's
  code, forks a keeper per environment.
- *keeper* (``keeper/``, C): pid 1 of one environment's own namespaces; mounts, drops every right, then starts and kills
  runtimes. Never runs a student's code either, so a killed runtime leaves /tmp and the namespaces alive.
- *runtime* (``runtime.py``): AWS's own bootstrap with our transport; the student's handler runs here, on the virtual
  clock of the shim (``clock/``, C), and its AWS calls leave through ``aws_calls.py``, as JSON that both ends make and
  read with ``values.py``.
"""
