"""Lambda's control plane: the operations that change functions, versions, aliases and concurrency, or tell of them."""
