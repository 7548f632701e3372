"""Ask a process for its health, for container engines: `python -m PROPPR.SharedServices.cli.healthcheck [URL]`.

Exit code 0 when it answers 200 (for /health: healthy or degraded), 1 otherwise, with the reason on standard output.
Only the standard library: it is started every few seconds beside each service, under the service's own memory limit.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

TIMEOUT = 4.0  # below the time that the engine allows
SHOWN = 600  # bytes of the answer; engines keep only a little


def own_url() -> str:
    """The /health of the service beside us: HEALTH_HOST and HEALTH_PORT, as the service itself was told."""
    host = os.environ.get("HEALTH_HOST", "")
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"http://{host}:{os.environ.get('HEALTH_PORT', '')}/health"


def ask(url: str, timeout: float = TIMEOUT) -> tuple[bool, str]:
    """Whether `url` answers 200 within `timeout` seconds, and the beginning of what it says or why it doesn't."""
    opener = build_opener(ProxyHandler({}))  # a proxy in the environment is not for our own loopback
    try:
        with opener.open(url, timeout=timeout) as answer:
            return answer.status == 200, answer.read(SHOWN).decode(errors="replace")
    except HTTPError as error:
        return False, f"{error.code}: {error.read(SHOWN).decode(errors='replace')}"
    except (URLError, HTTPException, OSError, ValueError) as error:
        return False, f"no answer: {type(error).__name__}: {error}"


def main(arguments: list[str]) -> int:
    """Ask, print, return the exit code."""
    is_well, words = ask(arguments[0] if arguments else own_url())
    print(words)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
