"""The Amazon States Language: paths, intrinsic functions, payload templates, choices, and what a definition must be."""
