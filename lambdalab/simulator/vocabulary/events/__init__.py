"""Events in AWS's own shape: the one place where each shape stands, for what the simulator delivers and for samples."""
