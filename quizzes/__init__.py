"""The quiz engine: banks, questions, attempts. `engine` is pure; the rest is a Django app."""
