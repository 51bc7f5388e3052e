"""The words and numbers of AWS: identifiers, ARNs, quotas and errors."""
