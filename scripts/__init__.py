"""What `make` calls. `setup` runs on a bare Python; the others in the virtual environment."""
