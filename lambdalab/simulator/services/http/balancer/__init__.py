"""Application Load Balancers with functions as targets. Source: facts 11 to 14 and F.5 (ELB)."""
