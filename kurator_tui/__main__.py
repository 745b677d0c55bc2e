"""`python -m kurator_tui` is the `kurator-tui` command."""

from kurator_tui.cli.main import main

if __name__ == "__main__":
    main()
