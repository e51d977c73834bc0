"""The systemd units of a node and of its encrypted volume.

Every path in them was checked before: it holds only letters, digits and `._-/`, so nothing has to be quoted.
"""

from __future__ import annotations

from common.install.rules.asked import MAPPER, NODE_UNIT, USER, VOLUME_UNIT, Asked

_PRIVILEGED = 1024
_WRITTEN = (
    "# Written by `deploy.sh install`, anew at each run: own changes go into a drop-in (systemctl edit).\n"
)


def node_unit(asked: Asked, program: str, port: int, volume: str) -> str:
    """Return `liandong.service`; `volume` is the unit text of the encrypted volume, "" without one."""
    bound = (
        f"Requires={VOLUME_UNIT}\nAfter={VOLUME_UNIT}\nAssertPathIsMountPoint={asked.data}\n"
        if volume
        else ""
    )
    # A port below 1024 is the one thing a node may need from root.
    capability = "CAP_NET_BIND_SERVICE" if port < _PRIVILEGED else ""
    return (
        f"{_WRITTEN}"
        "[Unit]\n"
        f"Description=Liandong node {asked.address}\n"
        "After=network.target time-sync.target\n"
        f"RequiresMountsFor={asked.data}\n"
        f"{bound}"
        "\n"
        "[Service]\n"
        f"User={USER}\n"
        f"Group={USER}\n"
        f"WorkingDirectory={program}\n"
        "Environment=MALLOC_ARENA_MAX=1\n"
        f"ExecStart={program}/.venv/bin/python -m {asked.tier.package} serve --data {asked.data}\n"
        "Restart=always\n"
        "RestartSec=5\n"
        "UMask=0077\n"
        f"{_hardening(asked.data, capability)}"
        "\n"
        "[Install]\n"
        "WantedBy=multi-user.target\n"
    )


def _hardening(data: str, capability: str) -> str:
    return (
        "NoNewPrivileges=yes\n"
        "ProtectSystem=strict\n"
        f"ReadWritePaths={data}\n"
        "ProtectHome=yes\n"
        "PrivateTmp=yes\n"
        "PrivateDevices=yes\n"
        "ProtectClock=yes\n"
        "ProtectControlGroups=yes\n"
        "ProtectHostname=yes\n"
        "ProtectKernelLogs=yes\n"
        "ProtectKernelModules=yes\n"
        "ProtectKernelTunables=yes\n"
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
        "RestrictNamespaces=yes\n"
        "RestrictRealtime=yes\n"
        "RestrictSUIDSGID=yes\n"
        "LockPersonality=yes\n"
        "SystemCallArchitectures=native\n"
        f"CapabilityBoundingSet={capability}\n"
        f"AmbientCapabilities={capability}\n"
    )


def volume_unit(asked: Asked, program: str, stick: str, inside: str) -> str:
    """Return `liandong-volume.service`, which waits for the stick, however long, and opens the volume."""
    opener = f"{program}/.venv/bin/python -m common.install.opener"
    place = f"--image {asked.image} --name {MAPPER} --mount {asked.data}"
    return (
        f"{_WRITTEN}"
        "[Unit]\n"
        "Description=Encrypted volume of the Liandong node (waits for the stick with the key)\n"
        f"Before={NODE_UNIT}\n"
        f"RequiresMountsFor={asked.image}\n"
        "\n"
        "[Service]\n"
        "Type=oneshot\n"
        "RemainAfterExit=yes\n"
        f"WorkingDirectory={program}\n"
        f"ExecStart={opener} open {place} --stick {stick} --key {inside}\n"
        f"ExecStop={opener} close {place}\n"
        "TimeoutStartSec=infinity\n"
        # Who stands before the PC is told what it waits for.
        "StandardOutput=journal+console\n"
        "\n"
        "[Install]\n"
        "WantedBy=multi-user.target\n"
    )
