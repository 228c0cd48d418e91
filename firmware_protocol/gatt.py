"""Names of the BLE service; README.md section 7 says how it is used."""

__all__ = ["COMMANDS_UUID", "DATA_UUID", "SERVICE_UUID"]

SERVICE_UUID = "8f540001-2958-4ffc-a871-d8d9468f3e65"
"""In the advertisement, so that a scan finds insoles of any make."""

DATA_UUID = "8f540002-2958-4ffc-a871-d8d9468f3e65"
"""Notify: whole packets from the device."""

COMMANDS_UUID = "8f540003-2958-4ffc-a871-d8d9468f3e65"
"""Write, and write without response: whole packets to the device."""
