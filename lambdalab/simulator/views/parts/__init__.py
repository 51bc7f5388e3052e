"""Parts of the summary, a fold each."""
