"""A D-Bus of its own, as the system's one is, for whoever is told its address. Linux only, needs dbus-daemon."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from insole.errors import InsoleError

DAEMON = "dbus-daemon"
_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@asynccontextmanager
async def private_bus(folder: Path) -> AsyncIterator[str]:
    """Run a bus whose socket is in a folder; its address.

    Parameters
    ----------
    folder : Path
        Not readable by others, as nobody is asked who they are.

    Raises
    ------
    InsoleError
        There is no dbus-daemon here, or it does not start.
    """
    program = shutil.which(DAEMON)
    if program is None:
        raise InsoleError(f"{DAEMON} is not installed (on Debian and Ubuntu: apt install dbus)")
    configuration = folder / "bus.conf"
    configuration.write_text(_CONFIGURATION.format(socket=folder / "bus"), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config-file={configuration}",
        "--nofork",
        "--nopidfile",
        "--print-address",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # it complains of limits that do not matter here
        start_new_session=True,  # Ctrl+C is for us: the bus goes last
    )
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        if not address:
            raise InsoleError(f"{DAEMON} does not start")
        yield address
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
