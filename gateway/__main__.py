"""`python -m gateway` is `imprimatur`."""

from gateway.cli import main

main(prog_name="imprimatur")
