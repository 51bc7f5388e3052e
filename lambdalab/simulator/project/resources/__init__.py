"""One module a family: what each resource type's properties mean, which are known, what is refused."""
