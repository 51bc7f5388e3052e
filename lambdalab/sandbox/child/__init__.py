"""What runs inside the jail. Standard library, AWS's runtime client and boto3 only; imports nothing else of ours.

These files are bound read-only into the jail and run by the jail's own interpreter, so they import each other by their
plain names (``import linux``). The processes, from the outside in:

- *zygote* (``zygote.py``): one per broker, uid 0 of an unprivileged user namespace, imports everything once, never runs
  a student's code, forks a keeper per environment.
- *keeper* (``keeper.py``): pid 1 of one environment's own namespaces; mounts, drops every right, then starts and kills
  runtimes. Never runs a student's code either, so a killed runtime leaves /tmp and the namespaces alive.
- *runtime* (``runtime.py``): AWS's own bootstrap with our transport; the student's handler runs here.
"""
