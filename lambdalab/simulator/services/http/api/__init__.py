"""Amazon API Gateway: HTTP APIs and REST APIs in front of functions. Source: fact F.6 (GS)."""
