"""TCG plugins: C sources beside this file, compiled for the host when a run first wants them."""
