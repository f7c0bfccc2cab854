"""One of two processes that race: reads `issue NUMBER ACCOUNT`, `sign NUMBER` or `confirm MONTH`, answers `won` or a code."""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.errors import GatewayError
from gateway.services.custody import issue, sign
from gateway.services.paper_months import confirm_month
from tests.room import Room


def main() -> None:
    room = Room.open(Path(sys.argv[1]))
    me = room.actor(sys.argv[2])
    print("ready", flush=True)
    for line in sys.stdin:
        act, number, *to = line.split()
        try:
            if act == "issue":
                issue(room.gate, me, [number], to[0])
            elif act == "confirm":
                confirm_month(room.gate, me, number)
            else:
                sign(room.gate, me, [number])
            print("won", flush=True)
        except GatewayError as error:
            print(error.code, flush=True)


if __name__ == "__main__":
    main()
