"""Modules that CloudFormation adds to inline code. They run as part of a student's function, never here."""
