"""One of two processes that race for the last copy: reads job numbers, answers `won` or the code it was refused with."""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.errors import GatewayError
from gateway.services.release import release_job
from tests.room import Room


def main() -> None:
    room = Room.open(Path(sys.argv[1]))
    room.clock.advance(hours=1)  # the permits are made meanwhile
    operator = room.actor(sys.argv[2])
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            release_job(room.gate, operator, line.strip())
            print("won", flush=True)
        except GatewayError as error:
            print(error.code, flush=True)


if __name__ == "__main__":
    main()
