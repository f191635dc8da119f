"""``python -m linli`` is the ``linli`` command."""

from linli.site.cli import main

if __name__ == "__main__":
    main()
