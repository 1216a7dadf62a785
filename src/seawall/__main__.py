"""python -m seawall: the same as the seawall command."""

from seawall.cli.main import main
from seawall.cli.supervisor import end_with_supervisor

if __name__ == "__main__":
    end_with_supervisor()
    main()
