"""CloudFront: distributions, their cache, and functions at the edge.

One edge location, the one next to N. Virginia, serves every viewer (assumption A-130).
"""
